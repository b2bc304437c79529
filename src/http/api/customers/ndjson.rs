//! NDJSON form of keeping transactions: a transaction a line, of one customer or of many, each line answered when what it
//! brought is durable.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use futures_util::future::join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;

use super::keeper::Keeper;
use crate::ApiError;
use crate::model_selector::SelectedModel;
use crate::operation::{Answer, Content, Operation, Tag, examples, lines, parameters};
use crate::request::{BodyLines, Chunk, MediaType, PartSender, answer_with_lines, write_line};
use crate::state::Bodies;
use microseg_access::Scope;
use microseg_encoding::{Encoder, TransactionsToKeep};
use microseg_history::{HistoryError, Identifier, TransactionSchema};
use microseg_model::Model;
use microseg_problem::{Problem, ProblemKind};
use microseg_store::{Added, AdmittedAt};

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

/// A line whose transaction is kept.
#[derive(JsonSchema, Serialize)]
struct KeptLine<'a> {
    /// The number of the line, from 1.
    line: u64,
    /// Your name for the customer.
    customer_id: &'a Identifier,
    /// The transaction's id.
    id: &'a Identifier,
    /// How often the customer's transactions have changed, this one included.
    position: u64,
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
    let lines = TransactionLines {
        keeper,
        model,
        bodies,
        customer_id: None,
    };
    lines.answer(request.into_body())
}

/// What lines of transactions are kept with.
pub(super) struct TransactionLines {
    pub(super) keeper: Keeper,
    pub(super) model: Arc<Model>,
    pub(super) bodies: Bodies,
    /// The customer of all lines, where the address names one.
    pub(super) customer_id: Option<Identifier>,
}

/// What of a line is read before its transaction.
#[derive(Deserialize)]
struct LineHead<'a> {
    #[serde(default)]
    customer_id: Option<Identifier>,
    #[serde(borrow, default)]
    time_zone: Option<&'a RawValue>,
}

/// A line that was read.
struct ReadLine {
    number: u64,
    customer_id: Identifier,
    read: TransactionsToKeep,
}

impl TransactionLines {
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
        let mut answers = BTreeMap::new();
        let mut of_customers: BTreeMap<(String, String), Vec<ReadLine>> = BTreeMap::new();
        for line in &chunk.lines {
            match self.read(line.number, chunk.text(line)) {
                Ok(read) => {
                    let key = (
                        read.customer_id.as_str().to_owned(),
                        read.read.settings.clone(),
                    );
                    of_customers.entry(key).or_default().push(read);
                }
                Err(problem) => {
                    answers.insert(line.number, Err(problem.on_line(line.number)));
                }
            }
        }
        let keeping = of_customers
            .into_values()
            .map(|lines| self.keep_of_one(lines, admitted));
        for kept in join_all(keeping).await {
            answers.extend(kept);
        }
        let mut text = Vec::new();
        for (number, answer) in &answers {
            match answer {
                Ok((customer_id, id, position)) => write_line(
                    &mut text,
                    &KeptLine {
                        line: *number,
                        customer_id,
                        id,
                        position: *position,
                    },
                ),
                Err(problem) => write_line(&mut text, problem),
            }
        }
        text
    }

    fn read(&self, number: u64, text: Option<&[u8]>) -> Result<ReadLine, Problem> {
        let limit = self.bodies.limit;
        let text = text.ok_or_else(|| {
            Problem::new(
                ProblemKind::BodyTooLarge,
                format!("the line is larger than {limit} bytes, the limit max_body_bytes"),
            )
        })?;
        let (customer_id, read) = read_line(self.model.encoder(), text)?;
        let customer_id = match (&self.customer_id, customer_id) {
            (Some(named), Some(own)) if *named != own => {
                return Err(refused(
                    "/customer_id",
                    "the address names another customer",
                ));
            }
            (Some(named), _) => named.clone(),
            (None, Some(own)) => own,
            (None, None) => {
                return Err(refused(
                    "/customer_id",
                    "expected the customer of the transaction",
                ));
            }
        };
        Ok(ReadLine {
            number,
            customer_id,
            read,
        })
    }

    /// Keeps lines of one customer with the same settings, all of them or none.
    async fn keep_of_one(
        &self,
        lines: Vec<ReadLine>,
        admitted: AdmittedAt,
    ) -> Vec<(u64, AnswerOfLine)> {
        let mut all: Option<(Identifier, TransactionsToKeep)> = None;
        let mut places = Vec::with_capacity(lines.len());
        for line in lines {
            let ids = line.read.transactions.first().map(|one| one.id.clone());
            places.extend(ids.map(|id| (line.number, id)));
            match &mut all {
                Some((_, all)) => all.transactions.extend(line.read.transactions),
                None => all = Some((line.customer_id, line.read)),
            }
        }
        let Some((customer_id, all)) = all else {
            return Vec::new();
        };
        let kept: Result<Added, ApiError> = self.keeper.keep(&customer_id, all, admitted).await;
        let kept = kept.map_err(ApiError::into_problem);
        let answers = places.into_iter().map(|(number, id)| {
            let answer = match &kept {
                Ok(added) => Ok((customer_id.clone(), id, added.position)),
                Err(problem) => Err(problem.clone().on_line(number)),
            };
            (number, answer)
        });
        answers.collect()
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

/// A customer, the id of its transaction, and the position after it; or the problem with the line.
type AnswerOfLine = Result<(Identifier, Identifier, u64), Problem>;

/// The customer that a line names, and its transaction.
fn read_line(
    encoder: &Encoder,
    text: &[u8],
) -> Result<(Option<Identifier>, TransactionsToKeep), Problem> {
    let LineHead {
        customer_id,
        time_zone,
    } = serde_json::from_slice(text).map_err(|error| {
        if error.is_data() {
            refused(
                "/customer_id",
                "expected the name of a customer, and a time zone where there is one",
            )
        } else {
            Problem::from(HistoryError::Malformed {
                pointer: String::new(),
                detail: "the line is not one JSON object".to_owned(),
                line: 1,
                column: error.column(),
            })
        }
    })?;
    let mut document = Vec::with_capacity(text.len() + 64);
    document.push(b'{');
    if let Some(time_zone) = time_zone {
        document.extend_from_slice(b"\"time_zone\":");
        document.extend_from_slice(time_zone.get().as_bytes());
        document.push(b',');
    }
    document.extend_from_slice(b"\"transactions\":[");
    document.extend_from_slice(text);
    document.extend_from_slice(b"]}");
    let read = encoder.read_to_keep(&document);
    read.map(|read| (customer_id, read))
        .map_err(|error| Problem::from(error.of_transaction()))
}

fn refused(pointer: &str, detail: &str) -> Problem {
    Problem::from(HistoryError::Invalid {
        pointer: pointer.to_owned(),
        detail: detail.to_owned(),
    })
}
