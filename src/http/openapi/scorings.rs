//! Scorings: one, many, and as a history arrives.

use serde_json::json;

use super::operation::Operation;
use super::parameters::{self, in_query};
use super::schemas::Schemas;
use super::{examples, problems};
use microseg_history::{HistorySchema, TransactionSchema};
use microseg_problem::{Problem, ProblemKind};
use microseg_scoring::{Event, Scoring};

const TAG: &str = "scoring";

/// A scoring, or the problem with a line.
#[derive(schemars::JsonSchema, serde::Serialize)]
#[serde(untagged)]
#[schemars(rename = "ScoredLine")]
#[expect(dead_code, reason = "only its schema is used")]
enum ScoredLine {
    Scoring(Box<Scoring>),
    Problem(Problem),
}

pub(super) fn operations(schemas: &mut Schemas) -> Vec<Operation> {
    vec![score(schemas), stream(schemas)]
}

fn score(schemas: &mut Schemas) -> Operation {
    let history = examples::score_request();
    let lines = [
        history.clone(),
        json!({
            "transactions": [{"timestamp": "2020-07-20", "amount": 29.9, "mcc": 3058}],
        }),
    ];
    let no_spending = problems::example_of_line(2);
    Operation::new(
        ("POST", "/v1/score"),
        "score",
        TAG,
        "Score a history, or a history a line",
    )
    .says(
        "One history as `application/json` is answered by its scoring. Histories as `application/x-ndjson`, one a line \
        and any number of them, are answered line by line in their order while the body still arrives; a bad line becomes \
        a problem on its line, and the rest go on.",
    )
    .takes(parameters::model())
    .takes(parameters::version())
    .reads(
        "application/json",
        schemas.request::<HistorySchema>(history),
    )
    .reads_lines(&schemas.lines::<HistorySchema>(false, &lines))
    .answers_json(
        200,
        "The scoring, or a line for each.",
        schemas.answer::<Scoring>(examples::scoring()))
    .answers(
        200,
        "",
        Some((
            "application/x-ndjson",
            schemas.lines::<ScoredLine>(true, &[examples::scoring(), no_spending]),
        )),
    )
    .fails(&[
        ProblemKind::NotFound,
        ProblemKind::UnsupportedMediaType,
        ProblemKind::NotReady,
    ])
}

fn stream(schemas: &mut Schemas) -> Operation {
    let moment = schemas.moment();
    Operation::new(
        ("POST", "/v1/stream"),
        "stream",
        TAG,
        "Score a history as it happens",
    )
    .says(
        "One customer's transactions, one a line, in the order of time. The answer tells of each period as it closes \
        while the body still arrives, and ends with the scoring or a problem.",
    )
    .takes(parameters::customer_id())
    .takes(in_query(
        "as_of",
        "The moment at which the window ends, itself not included.",
        &moment,
        &json!("2021-01-01T00:00:00Z"),
    ))
    .takes(in_query(
        "unknown_class",
        "What to do with a transaction of no known class: `error` ends the stream, `skip` counts it as unclassified.",
        &json!({"type": "string", "enum": ["error", "skip"], "default": "error"}),
        &json!("error"),
    ))
    .takes(in_query(
        "late",
        "What to do with a transaction whose period has closed: `count` tells of it and leaves it out, `reject` ends the \
        stream.",
        &json!({"type": "string", "enum": ["count", "reject"], "default": "count"}),
        &json!("count"),
    ))
    .takes(parameters::model())
    .takes(parameters::version())
    .reads_lines(&schemas.lines::<TransactionSchema>(false, &examples::transactions()))
    .answers(
        200,
        "Events, one a line.",
        Some((
            "application/x-ndjson",
            schemas.lines::<Event>(true, &examples::events()),
        )),
    )
    .fails(&[
        ProblemKind::NotFound,
        ProblemKind::UnsupportedMediaType,
        ProblemKind::NotReady,
    ])
}
