//! Page of an explanation: of a record, of what a form has asked for, and of a report.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::course::{Course, ReadCourse, place, read};
use crate::documents::{Explanation, Target};
use crate::drawing::{Drawing, Fact, ReasonLine};
use crate::figures::{fidelity, waterfall};
use crate::frame::Frame;
use crate::numbers::{percent, signed};
use crate::render::{FIGURE_STYLE, PageError, page};
use crate::svg::Figure;
use crate::verdict::{self, VerdictText};

/// The address in the commands of the documentation.
const SERVER: &str = "http://127.0.0.1:8080";

/// A request beyond this is not repeated on its page, in bytes.
const LARGEST_REQUEST: usize = 64 * 1024;

/// The documents that a page of an explanation is made from, each as the interface answers it.
#[derive(Debug, Clone, Copy)]
pub struct ExplanationDocuments<'a> {
    /// The explanation, or its record.
    pub explanation: &'a Value,
    /// What else is known of its customer and its model.
    pub course: Option<&'a Course>,
    /// Why the course is not there.
    pub course_note: Option<&'a str>,
    /// The history that was sent, without its options.
    pub history: Option<&'a Value>,
}

#[derive(Serialize)]
struct View {
    heading: String,
    sub: String,
    verdict: VerdictText,
    cards: Vec<Card>,
    causes: Vec<Drawing>,
    course: Vec<Drawing>,
    course_note: Option<String>,
    evidence: Drawing,
    facts: Vec<Fact>,
    request_note: &'static str,
    command: String,
    request: String,
    links: Vec<Link>,
}

#[derive(Serialize)]
struct Card {
    title: &'static str,
    text: String,
}

#[derive(Serialize)]
struct Link {
    href: String,
    text: &'static str,
}

/// The documents, read.
struct Parts {
    explanation: Explanation,
    course: Option<ReadCourse>,
}

impl Parts {
    fn read(documents: &ExplanationDocuments<'_>) -> Result<Self, PageError> {
        Ok(Self {
            explanation: read("explanation", documents.explanation)?,
            course: documents.course.map(ReadCourse::read).transpose()?,
        })
    }

    /// One waterfall for each target.
    fn causes(&self) -> Vec<Figure> {
        let targets = self.explanation.targets.iter().enumerate();
        targets
            .map(|(index, target)| waterfall::figure(target, format!("cause-{index}")))
            .collect()
    }

    fn course(&self) -> Vec<Figure> {
        self.course
            .as_ref()
            .map(ReadCourse::figures)
            .unwrap_or_default()
    }

    fn figures(&self) -> Vec<Figure> {
        let mut figures = self.causes();
        figures.extend(self.course());
        figures.push(fidelity::figure(&self.explanation));
        figures
    }
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
    let causes = parts.causes();
    let causes = causes
        .iter()
        .zip(&explanation.targets)
        .map(|(figure, target)| {
            let reasons = target.reasons.iter().map(|reason| ReasonLine {
                text: reason.text.clone(),
                class: match reason.sign.as_deref() {
                    Some("+") => "up",
                    Some("-") => "down",
                    _ => "",
                },
            });
            draw(figure).with_reasons(reasons.collect())
        });
    let heading = explanation.customer_id.as_ref().map_or_else(
        || "Explanation of a customer".to_owned(),
        |customer| format!("Explanation of customer {customer}"),
    );
    let request = request(explanation, documents.history);
    let view = View {
        sub: sub(explanation),
        verdict: verdict::in_words(&explanation.quality.verdict, &explanation.quality.reasons),
        cards: cards(&parts),
        causes: causes.collect(),
        course: parts.course().iter().map(draw).collect(),
        course_note: documents.course_note.map(str::to_owned),
        evidence: draw(&fidelity::figure(explanation)),
        facts: facts(explanation),
        request_note: if documents.history.is_some() {
            "Save the request below as request.json; it gives the same numbers."
        } else {
            "Save the request below as request.json with the customer's transactions in it; it gives the same numbers."
        },
        command: format!(
            "curl -s '{SERVER}/v1/explain?model={}&version={}' \\\n  -H 'content-type: application/json' --data-binary @request.json",
            shell_safe(&explanation.model.name),
            shell_safe(&explanation.model.version)
        ),
        request,
        links: links(address.as_deref(), explanation),
        heading: heading.clone(),
    };
    page(
        frame,
        &heading,
        concat!(
            include_str!("templates/figure.html"),
            include_str!("templates/explanation.html")
        ),
        view,
    )
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

/// What a name may have between the quotes of a command.
fn shell_safe(text: &str) -> String {
    text.chars()
        .filter(|one| one.is_ascii_alphanumeric() || "-_.".contains(*one))
        .collect()
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

/// The questions that a reader has first.
fn cards(parts: &Parts) -> Vec<Card> {
    let explanation = &parts.explanation;
    let mut cards = vec![Card {
        title: "Which spending matters most?",
        text: strongest(&explanation.targets),
    }];
    if let Some(course) = &parts.course {
        cards.push(Card {
            title: "Where is the customer?",
            text: place(&course.scoring),
        });
    }
    let held_out = explanation
        .targets
        .iter()
        .filter_map(|target| target.fidelity.held_out);
    let least = held_out.fold(f64::INFINITY, f64::min);
    cards.push(Card {
        title: "Can I trust this?",
        text: if least.is_finite() {
            format!(
                "{} The lowest held-out R² is {least:.3}; 1 is perfect.",
                verdict::in_words(&explanation.quality.verdict, &[]).headline
            )
        } else {
            format!(
                "{} No held-out R² could be measured.",
                verdict::in_words(&explanation.quality.verdict, &[]).headline
            )
        },
    });
    let service = explanation.runtime.get("service").and_then(Value::as_str);
    cards.push(Card {
        title: if explanation.record_sha256.is_some() {
            "Who recorded it?"
        } else {
            "Who made it?"
        },
        text: format!(
            "{}{}, for request {}.",
            service.unwrap_or("microseg"),
            if explanation.record_sha256.is_some() {
                ", in its chain of records"
            } else {
                ", and did not record it"
            },
            explanation.request_id.as_deref().unwrap_or("–")
        ),
    });
    cards
}

/// The contribution that is largest over all targets, in words.
fn strongest(targets: &[Target]) -> String {
    let all = targets.iter().flat_map(|target| {
        let parts = target.contributions.iter();
        parts.map(move |part| (target, part))
    });
    let strongest = all.max_by(|(_, a), (_, b)| a.amount.abs().total_cmp(&b.amount.abs()));
    strongest.map_or("Nothing stands out.".to_owned(), |(target, part)| {
        let verb = if part.amount < 0.0 { "lowers" } else { "raises" };
        format!(
            "{} ({} of the spending): it {verb} {} by {}, more than any other part changes any number here.",
            part.name(),
            percent(part.share),
            waterfall::described(target),
            signed(part.amount).trim_start_matches(['+', '−'])
        )
    })
}

fn facts(explanation: &Explanation) -> Vec<Fact> {
    let mut facts = vec![Fact::code("id", &explanation.id)];
    let optional = |title, text: &Option<String>| text.as_ref().map(|text| Fact::code(title, text));
    facts.extend(optional("customer", &explanation.customer_id));
    facts.push(Fact::text("recorded at", &explanation.created_at));
    facts.extend(optional("request", &explanation.request_id));
    let model = &explanation.model;
    facts.push(Fact::text(
        "model",
        format!("{} version {}", model.name, model.version),
    ));
    facts.push(Fact::code("its digest", &model.sha256));
    let runtime = explanation.runtime.iter();
    let runtime = runtime.filter_map(|(name, value)| Some(format!("{name} {}", value.as_str()?)));
    facts.push(Fact::text(
        "computed by",
        runtime.collect::<Vec<_>>().join(", "),
    ));
    let input = &explanation.input;
    facts.push(Fact::text(
        "input",
        format!(
            "{} transactions, {} to {}",
            input.transactions, input.window.from, input.window.to
        ),
    ));
    facts.push(Fact::code("its digest", &input.sha256));
    let baseline = &explanation.baseline;
    facts.push(Fact::text(
        "baseline",
        format!("{}: {}", baseline.kind, baseline.description),
    ));
    let method = &explanation.method;
    facts.push(Fact::text(
        "seed, samples",
        match (method.seed, method.samples_used) {
            (Some(seed), Some(samples)) => format!("{seed}, {samples}"),
            _ => "nothing is drawn".to_owned(),
        },
    ));
    facts.push(Fact::text(
        "schema",
        format!("version {}", explanation.schema_version),
    ));
    facts.extend(optional("previous record", &explanation.previous_sha256));
    facts.extend(optional("this document", &explanation.document_sha256));
    facts.extend(optional("this record", &explanation.record_sha256));
    if explanation.record_sha256.is_some() {
        facts.push(Fact::text(
            "chain proof",
            "SHA-256 of the previous record and of this document, each with a line feed, is this record's. `microseg audit` \
            checks the whole chain; POST …/verify computes the numbers again.",
        ));
    }
    facts
}

/// The request that gives the same numbers: with the seed that was drawn.
fn request(explanation: &Explanation, history: Option<&Value>) -> String {
    let mut options: Map<String, Value> = explanation
        .options
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if let Some(seed) = explanation.method.seed {
        options.insert("seed".to_owned(), seed.into());
    }
    let mut request = match history {
        Some(Value::Object(members)) => members.clone(),
        _ => Map::from_iter([
            ("customer_id".to_owned(), json!(explanation.customer_id)),
            ("as_of".to_owned(), json!(explanation.input.window.to)),
            ("transactions".to_owned(), json!([])),
        ]),
    };
    request.insert("explain".to_owned(), options.into());
    let text = format!("{:#}", Value::Object(request.clone()));
    if text.len() <= LARGEST_REQUEST {
        return text;
    }
    request.insert("transactions".to_owned(), json!(["…"]));
    format!("{:#}", Value::Object(request))
}
