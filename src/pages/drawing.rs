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
            href: None,
        }
    }

    pub(crate) fn with_reasons(self, reasons: Vec<ReasonLine>) -> Self {
        Self { reasons, ..self }
    }

    pub(crate) fn at(self, href: Option<String>) -> Self {
        Self { href, ..self }
    }
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
