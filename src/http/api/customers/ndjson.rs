//! NDJSON form of keeping transactions: a transaction a line, of one customer or of many, each line answered when what it
//! brought is durable.

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use futures_util::future::join_all;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::keeper::Keeper;
use super::keyed_lines::KeyedLines;
use super::lines::{KeptLine, LineReader, ReadLines};
use crate::ApiError;
use crate::api::idempotency::{self, IdempotencyKey};
use crate::model_selector::SelectedModel;
use crate::operation::{Answer, Content, Operation, Tag, examples, lines, parameters};
use crate::request::{BodyLines, Chunk, MediaType, PartSender, answer_with_lines, write_line};
use crate::state::Bodies;
use microseg_access::Scope;
use microseg_history::{HistoryError, Identifier, TransactionSchema};
use microseg_problem::{Problem, ProblemKind};

/// A transaction, and whose it is.
#[derive(JsonSchema)]
#[schemars(rename = "CustomerTransaction")]
#[expect(dead_code, reason = "only its schema is used")]
struct CustomerTransaction {
    /// Your name for the customer; where the address names one, it may be left out.
    customer_id: Option<Identifier>,
    /// The zone of the IANA database that its time is in where it has no offset, and whose calendar the customer's periods
    /// follow; the same in all of them, UTC where it is left out.
    time_zone: Option<String>,
    #[schemars(flatten)]
    transaction: TransactionSchema,
}

/// A line of the answer.
#[derive(JsonSchema, Serialize)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
enum AnsweredLine<'a> {
    Kept(KeptLine<'a>),
    Problem(Problem),
}

pub(super) fn operation() -> Operation {
    Operation::post("/v1/transactions", Scope::Write, append)
        .named(
            "add_transactions_of_customers",
            Tag::Customers,
            "Keep transactions of many customers, a line each",
        )
        .description(
            "Each line names its customer. A line is answered when its transaction is durable; a bad line becomes a problem \
            on its line, and the rest go on. The same body may be sent again after a lost answer.",
        )
        .parameter(parameters::model())
        .parameter(parameters::version())
        .parameter(idempotency::parameter_of_transactions())
        .body(lines::<CustomerTransaction>(
            "application/x-ndjson",
            examples::customer_transactions,
        ))
        .body(lines::<CustomerTransaction>(
            "text/x-ndjson",
            examples::customer_transactions,
        ))
        .answer(Answer::new(200, "A line for each.", answered_lines()))
        .problems(&[
            ProblemKind::NotFound,
            ProblemKind::UnsupportedMediaType,
            ProblemKind::KeyReused,
            ProblemKind::NotReady,
            ProblemKind::StoreUnavailable,
        ])
}

/// The lines of a body that is of one customer.
pub(super) fn lines_of_one_customer() -> Content {
    lines::<CustomerTransaction>("application/x-ndjson", examples::transactions)
}

/// The lines of the answer.
pub(super) fn answered_lines() -> Content {
    lines::<AnsweredLine>("application/x-ndjson", || {
        let refused = Problem::from(HistoryError::Invalid {
            pointer: "/amount".to_owned(),
            detail: "expected an amount of at most 1e12 in size".to_owned(),
        });
        vec![
            json!({"line": 1, "customer_id": "c-1029", "id": "t-1", "position": 3}),
            json!(refused.on_line(2)),
        ]
    })
}

async fn append(
    IdempotencyKey(key): IdempotencyKey,
    keeper: Keeper,
    bodies: Bodies,
    SelectedModel(model): SelectedModel,
    request: Request,
) -> Result<Response, ApiError> {
    if MediaType::of(request.headers()) != Some(MediaType::Ndjson) {
        return Err(ApiError::UnsupportedMediaType {
            expected: "a transaction a line as content-type: application/x-ndjson",
        });
    }
    let reader = LineReader::new(model, &bodies, None);
    match key {
        Some(key) => {
            KeyedLines::new(keeper, reader)
                .answer(request, &bodies, &key)
                .await
        }
        None => TransactionLines::new(keeper, reader, bodies).answer(request.into_body()),
    }
}

/// What lines are kept with while they still arrive.
pub(super) struct TransactionLines {
    keeper: Keeper,
    reader: LineReader,
    bodies: Bodies,
}

impl TransactionLines {
    pub(super) fn new(keeper: Keeper, reader: LineReader, bodies: Bodies) -> Self {
        Self {
            keeper,
            reader,
            bodies,
        }
    }

    /// Answers each line of a body.
    pub(super) fn answer(self, body: Body) -> Result<Response, ApiError> {
        let place = self.bodies.open_stream()?;
        Ok(answer_with_lines(|sender| async move {
            let _place = place;
            self.keep_all(body, sender).await;
        }))
    }

    async fn keep_all(self, body: Body, mut sender: PartSender) {
        let mut lines = BodyLines::new(body, &self.bodies, self.bodies.limit);
        loop {
            // One chunk after the other: of two lines with one id the later one counts.
            let text = match lines.next().await {
                Ok(Some(chunk)) => self.keep(&chunk).await,
                Ok(None) => break,
                Err(error) => {
                    let mut text = Vec::new();
                    write_line(&mut text, &error.into_problem());
                    let _ = sender.send(text).await;
                    break;
                }
            };
            if sender.send(text).await.is_err() {
                tracing::info!("the client left before the last line");
                return;
            }
        }
        sender.end();
    }

    /// Keeps the transactions of a chunk, and writes a line for each.
    async fn keep(&self, chunk: &Chunk) -> Vec<u8> {
        let admitted = match self.keeper.store.admit().await {
            Ok(admitted) => admitted,
            Err(error) => return failed(chunk, &ApiError::from(error).into_problem()),
        };
        let mut read = ReadLines::default();
        for line in &chunk.lines {
            read.add(line.number, self.reader.read(chunk.text(line)));
        }
        let groups = read.take_groups();
        let keeping = groups
            .into_iter()
            .map(|group| group.keep(&self.keeper, admitted, None));
        for kept in join_all(keeping).await {
            read.answered(kept);
        }
        read.text()
    }
}

/// The same problem on each line of a chunk.
fn failed(chunk: &Chunk, problem: &Problem) -> Vec<u8> {
    let mut text = Vec::new();
    for line in &chunk.lines {
        write_line(&mut text, &problem.clone().on_line(line.number));
    }
    text
}
