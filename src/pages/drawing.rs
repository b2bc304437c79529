//! Figure as a template shows it.

use serde::Serialize;

use crate::svg::{Figure, Table};

/// A figure with all that stands around it.
#[derive(Debug, Serialize)]
pub(crate) struct Drawing {
    id: String,
    title: String,
    caption: String,
    is_wide: bool,
    svg: String,
    table: Table,
    reasons: Vec<ReasonLine>,
    /// What has to be known beside it.
    notes: Vec<String>,
    pill: Option<Pill>,
    /// Where it is as a picture of its own.
    href: Option<String>,
}

impl Drawing {
    pub(crate) fn new(figure: &Figure) -> Self {
        Self {
            id: figure.id.clone(),
            title: figure.title.clone(),
            caption: figure.caption.clone(),
            is_wide: figure.width > 480.0,
            svg: figure.inline(),
            table: figure.table.clone(),
            reasons: Vec::new(),
            notes: Vec::new(),
            pill: None,
            href: None,
        }
    }

    pub(crate) fn with_reasons(self, reasons: Vec<ReasonLine>) -> Self {
        Self { reasons, ..self }
    }

    pub(crate) fn with_notes(self, notes: Vec<String>) -> Self {
        Self { notes, ..self }
    }

    pub(crate) fn with_pill(self, pill: Option<Pill>) -> Self {
        Self { pill, ..self }
    }

    pub(crate) fn at(self, href: Option<String>) -> Self {
        Self { href, ..self }
    }
}

/// A verdict in a word, with the class of its colour.
#[derive(Debug, Serialize)]
pub(crate) struct Pill {
    pub(crate) tone: &'static str,
    pub(crate) text: String,
}

/// A reason in words, with the class of its sign.
#[derive(Debug, Serialize)]
pub(crate) struct ReasonLine {
    pub(crate) text: String,
    pub(crate) class: &'static str,
}

/// A line of a list of facts.
#[derive(Debug, Serialize)]
pub(crate) struct Fact {
    title: String,
    text: String,
    is_code: bool,
}

impl Fact {
    pub(crate) fn text(title: &'static str, text: impl Into<String>) -> Self {
        Self {
            title: title.to_owned(),
            text: text.into(),
            is_code: false,
        }
    }

    /// A fact whose name comes from a document.
    pub(crate) fn named(title: &str, text: String) -> Self {
        Self {
            title: title.replace('_', " "),
            text,
            is_code: false,
        }
    }

    pub(crate) fn code(title: &'static str, text: impl Into<String>) -> Self {
        Self {
            is_code: true,
            ..Self::text(title, text)
        }
    }
}
