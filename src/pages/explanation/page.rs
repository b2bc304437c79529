//! Page of an explanation, and one of its figures as a file.

use serde::Serialize;

use super::cards::{Card, cards, is_change};
use super::facts::facts;
use super::parts::{ExplanationDocuments, Parts};
use super::request::{command, request};
use crate::documents::{Explanation, Note, Reason, Target};
use crate::drawing::{Drawing, Fact, Pill, ReasonLine};
use crate::frame::Frame;
use crate::numbers::{plain, signed};
use crate::recourse;
use crate::render::{FIGURE_STYLE, PageError, page};
use crate::svg::Figure;
use crate::verdict::{self, VerdictText};

#[derive(Serialize)]
struct View {
    heading: String,
    sub: String,
    verdict: VerdictText,
    cards: Vec<Card>,
    question: &'static str,
    has_reasons: bool,
    causes: Vec<Drawing>,
    pairs: Vec<Drawing>,
    course: Vec<Drawing>,
    course_note: Option<String>,
    evidence: Option<Drawing>,
    facts: Vec<Fact>,
    request_note: &'static str,
    command: String,
    request: String,
    links: Vec<Link>,
}

#[derive(Serialize)]
struct Link {
    href: String,
    text: &'static str,
}

/// The page of an explanation.
///
/// # Errors
/// [`PageError`] when a document is not what it should be.
pub fn explanation_page(
    documents: &ExplanationDocuments<'_>,
    frame: &Frame<'_>,
) -> Result<String, PageError> {
    let parts = Parts::read(documents)?;
    let explanation = &parts.explanation;
    let is_recorded = explanation.record_sha256.is_some() && matches!(frame, Frame::Server { .. });
    let address = is_recorded.then(|| format!("/v1/explanations/{}", explanation.id));
    let draw = |figure: &Figure| {
        let href = address.as_ref();
        Drawing::new(figure).at(href.map(|href| format!("{href}/chart.svg?figure={}", figure.id)))
    };
    let causes = parts.causes().map(|(figure, target)| {
        draw(&figure)
            .with_reasons(reasons(target))
            .with_notes(notes(target))
            .with_pill(pill(explanation, target))
    });
    let causes = causes.chain(parts.moves().map(|figure| draw(&figure)));
    let heading = explanation.customer_id.as_ref().map_or_else(
        || "Explanation of a customer".to_owned(),
        |customer| format!("Explanation of customer {customer}"),
    );
    let view = View {
        sub: sub(explanation),
        verdict: verdict(explanation),
        cards: cards(&parts),
        question: question(explanation),
        has_reasons: explanation
            .targets
            .iter()
            .any(|target| !target.reasons.is_empty()),
        causes: causes.collect(),
        pairs: parts.pairs().map(|figure| draw(&figure)).collect(),
        course: parts.course().iter().map(draw).collect(),
        course_note: documents.course_note.map(str::to_owned),
        evidence: parts.evidence().as_ref().map(draw),
        facts: facts(explanation),
        request_note: if documents.history.is_some() {
            "Save the request below as request.json; it gives the same numbers."
        } else {
            "Save the request below as request.json with the customer's transactions in it; it gives the same numbers."
        },
        command: command(explanation),
        request: request(explanation, documents.history),
        links: links(address.as_deref(), explanation),
        heading: heading.clone(),
    };
    let template = concat!(
        include_str!("../templates/figure.html"),
        include_str!("../templates/explanation.html")
    );
    page(frame, &heading, template, view)
}

/// One figure of an explanation as a file of SVG; without a name the first one, `None` when there is none of this name.
///
/// # Errors
/// As [`explanation_page`].
pub fn explanation_figure(
    documents: &ExplanationDocuments<'_>,
    id: Option<&str>,
) -> Result<Option<String>, PageError> {
    let figures = Parts::read(documents)?.figures();
    let mut figures = figures.into_iter();
    let figure = figures.find(|figure| id.is_none_or(|id| figure.id == id));
    Ok(figure.map(|figure| figure.file(FIGURE_STYLE)))
}

fn verdict(explanation: &Explanation) -> VerdictText {
    if let Some(recourse) = &explanation.recourse {
        return recourse::verdict(recourse, &explanation.options);
    }
    let quality = &explanation.quality;
    verdict::in_words(&quality.verdict, &quality.reasons, &explanation.method.name)
}

/// What the figures below it answer.
fn question(explanation: &Explanation) -> &'static str {
    if explanation.recourse.is_some() {
        "What would change it"
    } else if is_change(explanation) {
        "What changed the numbers"
    } else {
        "What drives the numbers"
    }
}

fn reasons(target: &Target) -> Vec<ReasonLine> {
    let line = |reason: &Reason| ReasonLine {
        text: reason.text.clone(),
        class: match reason.sign.as_deref() {
            Some("+") => "up",
            Some("-") => "down",
            _ => "",
        },
    };
    target.reasons.iter().map(line).collect()
}

/// Parts that the surrogate was hardly tested on, with what the network itself gives without them.
fn notes(target: &Target) -> Vec<String> {
    let in_words = |note: &Note| {
        let part = note.part.in_words();
        let part = part.unwrap_or_else(|| "All parts without a name".to_owned());
        let measured = match (note.without, note.adds) {
            (Some(without), Some(adds)) => format!(
                " The network's own number without it is {}: it adds {}.",
                plain(without),
                signed(adds)
            ),
            _ => String::new(),
        };
        format!("{part}: the surrogate was hardly tested without it.{measured}")
    };
    target.notes.iter().map(in_words).collect()
}

/// The verdict on one target, where there are several of them.
fn pill(explanation: &Explanation, target: &Target) -> Option<Pill> {
    let quality = target.quality.as_ref()?;
    (explanation.targets.len() > 1).then(|| Pill {
        tone: verdict::tone(&quality.verdict),
        text: quality.verdict.replace('_', " "),
    })
}

fn sub(explanation: &Explanation) -> String {
    let method = &explanation.method;
    format!(
        "{} · {} version {} · {} by {}",
        explanation
            .created_at
            .replace('T', " ")
            .replace('Z', " UTC"),
        explanation.model.name,
        explanation.model.version,
        method.name,
        method.level
    )
}

fn links(address: Option<&str>, explanation: &Explanation) -> Vec<Link> {
    let Some(address) = address else {
        return Vec::new();
    };
    let model = &explanation.model;
    vec![
        Link {
            href: address.to_owned(),
            text: "The record’s page",
        },
        Link {
            href: format!("{address}?format=json"),
            text: "The record as JSON",
        },
        Link {
            href: format!("/models/{}?version={}", model.name, model.version),
            text: "The model",
        },
    ]
}
