//! Pages with forms: the first page, signing in, the list of records, and problems.

use serde::Serialize;

use crate::frame::Frame;
use crate::render::{PageError, page, part};
use crate::verdict;

/// One option of a choice.
#[derive(Debug, Clone, Serialize)]
pub struct ChoiceOption {
    /// As it is sent.
    pub value: String,
    /// As people read it.
    pub text: String,
    /// Whether it is the chosen one.
    pub is_chosen: bool,
}

/// A choice of a form.
#[derive(Debug, Clone, Serialize)]
pub struct Choice {
    /// Its name in the form.
    pub name: &'static str,
    /// What is chosen.
    pub title: &'static str,
    /// The options.
    pub options: Vec<ChoiceOption>,
}

/// A text or a number of a form.
#[derive(Debug, Clone, Serialize)]
pub struct Field {
    /// Its name in the form.
    pub name: &'static str,
    /// What it is.
    pub title: &'static str,
    /// The kind of its input in HTML.
    pub kind: &'static str,
    /// What it is for.
    pub hint: &'static str,
    /// As it was filled in.
    pub value: String,
}

/// A model on the first page.
#[derive(Debug, Clone, Serialize)]
pub struct ListedModel {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it is in a line.
    pub about: String,
    /// The address of its page.
    pub href: String,
}

/// A problem in words.
#[derive(Debug, Clone, Serialize)]
pub struct ProblemText {
    /// Its kind.
    pub title: String,
    /// This case.
    pub detail: String,
}

/// The first page.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Home {
    /// Whether the caller may know which models there are.
    pub may_look: bool,
    /// Whether the caller may ask for explanations.
    pub may_explain: bool,
    /// The models that are served; none while they are loaded.
    pub models: Vec<ListedModel>,
    /// The history in the form.
    pub history: String,
    /// The choices of the form.
    pub choices: Vec<Choice>,
    /// The micro-segments that may be wished for.
    pub wish: Option<Choice>,
    /// What is filled in for a question: the first field says since when, the others say more about a wish.
    pub fields: Vec<Field>,
    /// Why what was sent before was refused.
    pub problem: Option<ProblemText>,
}

#[derive(Serialize)]
struct HomeView<'a> {
    #[serde(flatten)]
    home: &'a Home,
    sign_in: String,
}

#[derive(Serialize)]
struct SignInView<'a> {
    problem: Option<&'a str>,
    to: &'a str,
}

/// The first page.
///
/// # Errors
/// [`PageError`] for a fault of the template.
pub fn home_page(home: &Home, frame: &Frame<'_>) -> Result<String, PageError> {
    let view = HomeView {
        sign_in: sign_in_form(None, "/")?,
        home,
    };
    page(
        frame,
        "Explain a history",
        include_str!("templates/home.html"),
        view,
    )
}

fn sign_in_form(problem: Option<&str>, to: &str) -> Result<String, PageError> {
    part(
        include_str!("templates/sign_in.html"),
        SignInView { problem, to },
    )
}

/// The page that asks for a key; `to` is the address on this server that was asked for.
///
/// # Errors
/// [`PageError`] for a fault of the template.
pub fn sign_in_page(
    problem: Option<&str>,
    to: &str,
    frame: &Frame<'_>,
) -> Result<String, PageError> {
    let view = SignInView { problem, to };
    page(
        frame,
        "Sign in",
        include_str!("templates/sign_in.html"),
        view,
    )
}

/// A problem as a page.
#[derive(Debug, Clone, Serialize)]
pub struct ProblemPage<'a> {
    /// Its kind.
    pub title: &'a str,
    /// This case.
    pub detail: &'a str,
    /// The status of HTTP.
    pub status: u16,
    /// The name of the request in the log.
    pub request_id: Option<&'a str>,
}

#[derive(Serialize)]
struct ProblemView<'a> {
    #[serde(flatten)]
    problem: &'a ProblemPage<'a>,
    sign_in: String,
}

/// The page of a problem; with `to`, it asks for a key, and goes there once it has one.
///
/// # Errors
/// [`PageError`] for a fault of the template.
pub fn problem_page(
    problem: &ProblemPage<'_>,
    to: Option<&str>,
    frame: &Frame<'_>,
) -> Result<String, PageError> {
    let sign_in = to.map_or(Ok(String::new()), |to| sign_in_form(None, to))?;
    let view = ProblemView { problem, sign_in };
    page(
        frame,
        problem.title,
        include_str!("templates/problem.html"),
        view,
    )
}

/// A record in the list.
#[derive(Debug, Clone, Serialize)]
pub struct RecordRow {
    /// The address of its page; `None` for one that cannot be read.
    pub href: Option<String>,
    /// When it was recorded.
    pub created_at: String,
    /// Its verdict.
    pub verdict: String,
    /// The model and its version.
    pub model: String,
    /// The method and the level.
    pub method: String,
    /// The names of what it explains.
    pub targets: String,
}

/// The list of a customer's records, and what was asked for.
#[derive(Debug, Clone, Default)]
pub struct RecordsPage {
    /// Whether a customer was asked for.
    pub is_asked: bool,
    /// The customer's name.
    pub customer_id: String,
    /// Only records with this verdict; empty for all.
    pub verdict: String,
    /// Only records of this model; empty for all.
    pub model: String,
    /// Only records since this date, `2026-01-31`; empty for all.
    pub since: String,
    /// The records, newest first.
    pub rows: Vec<RecordRow>,
    /// The address of the next page.
    pub next: Option<String>,
}

#[derive(Serialize)]
struct RowView<'a> {
    #[serde(flatten)]
    row: &'a RecordRow,
    tone: &'static str,
}

#[derive(Serialize)]
struct RecordsView<'a> {
    is_asked: bool,
    customer_id: &'a str,
    model: &'a str,
    since: &'a str,
    verdicts: Vec<ChoiceOption>,
    rows: Vec<RowView<'a>>,
    next: Option<&'a str>,
}

/// The list of records.
///
/// # Errors
/// [`PageError`] for a fault of the template.
pub fn records_page(records: &RecordsPage, frame: &Frame<'_>) -> Result<String, PageError> {
    let names = verdict::names().map(|name| (name, name));
    let verdicts = std::iter::once(("", "any")).chain(names);
    let verdicts = verdicts.map(|(value, text)| ChoiceOption {
        value: value.to_owned(),
        text: text.replace('_', " "),
        is_chosen: value == records.verdict,
    });
    let view = RecordsView {
        is_asked: records.is_asked,
        customer_id: &records.customer_id,
        model: &records.model,
        since: &records.since,
        verdicts: verdicts.collect(),
        rows: records
            .rows
            .iter()
            .map(|row| RowView {
                tone: verdict::tone(&row.verdict),
                row,
            })
            .collect(),
        next: records.next.as_deref(),
    };
    page(
        frame,
        "Records",
        include_str!("templates/records.html"),
        view,
    )
}
