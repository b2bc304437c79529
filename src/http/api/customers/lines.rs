//! Lines of transactions: how they are read, grouped by customer, kept, and answered.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::keeper::Keeper;
use crate::ApiError;
use crate::request::write_line;
use crate::state::Bodies;
use microseg_encoding::{Encoder, TransactionsToKeep};
use microseg_history::{HistoryError, Identifier};
use microseg_model::Model;
use microseg_problem::{Problem, ProblemKind};
use microseg_store::{Added, AdmittedAt, KeyedRequest, NO_LONGER_KEPT, StoreError, time_of};

/// A line whose transaction is kept.
#[derive(JsonSchema, Serialize)]
pub(super) struct KeptLine<'a> {
    /// The number of the line, from 1.
    line: u64,
    /// Your name for the customer.
    customer_id: &'a Identifier,
    /// The transaction's id.
    id: &'a Identifier,
    /// How often the customer's transactions have changed, this one included.
    position: u64,
    /// Since when the customer's scorings are approximate, where some transactions came too late.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = "2019-03-02T00:00:00Z")]
    approximate_since: Option<String>,
}

/// A reader of lines.
#[derive(Clone)]
pub(super) struct LineReader {
    model: Arc<Model>,
    /// The largest line, in bytes.
    limit: usize,
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
pub(super) struct ReadLine {
    customer_id: Identifier,
    read: TransactionsToKeep,
}

impl LineReader {
    pub(super) fn new(model: Arc<Model>, bodies: &Bodies, customer_id: Option<Identifier>) -> Self {
        Self {
            model,
            limit: bodies.limit,
            customer_id,
        }
    }

    /// Reads a line; there is no text of one that is too large.
    pub(super) fn read(&self, text: Option<&[u8]>) -> Result<ReadLine, Problem> {
        let limit = self.limit;
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
        Ok(ReadLine { customer_id, read })
    }
}

/// A customer, the id of its transaction, and what became of its group; or the problem with the line.
type AnswerOfLine = Result<(Identifier, Identifier, Added), Problem>;

/// Lines of one customer with the same settings: all of them are kept, or none.
pub(super) struct LineGroup {
    pub(super) customer_id: Identifier,
    all: TransactionsToKeep,
    /// The number of each line, and the id of its transaction.
    places: Vec<(u64, Identifier)>,
}

impl LineGroup {
    /// What all its transactions have in common.
    pub(super) fn settings(&self) -> &str {
        &self.all.settings
    }

    /// Keeps the lines; those of transactions that are no longer kept by themselves are refused, and the rest is kept.
    pub(super) async fn keep(
        mut self,
        keeper: &Keeper,
        admitted: AdmittedAt,
        mut keyed: Option<KeyedRequest>,
    ) -> KeptGroup {
        let mut refused = Vec::new();
        let mut kept = self.try_to_keep(keeper, admitted, keyed.clone()).await;
        if let Err(ApiError::Store(StoreError::Folded { places })) = &kept {
            refused = self.take_out(places);
            // The whole group would be refused again, and its key is not taken: the rest is another request.
            keyed = keyed.map(|keyed| keyed.part("rest"));
            if !self.places.is_empty() {
                kept = self.try_to_keep(keeper, admitted, keyed).await;
            }
        }
        let Self {
            customer_id,
            places,
            ..
        } = self;
        let is_replayed = kept.as_ref().is_ok_and(|added| added.is_replayed);
        let kept = kept.map_err(ApiError::into_problem);
        let answers = places.into_iter().map(|(number, id)| {
            let answer = match &kept {
                Ok(added) => Ok((customer_id.clone(), id, *added)),
                Err(problem) => Err(problem.clone().on_line(number)),
            };
            (number, answer)
        });
        KeptGroup {
            answers: answers.chain(refused).collect(),
            is_replayed,
        }
    }

    async fn try_to_keep(
        &self,
        keeper: &Keeper,
        admitted: AdmittedAt,
        keyed: Option<KeyedRequest>,
    ) -> Result<Added, ApiError> {
        let all = self.all.clone();
        keeper.keep(&self.customer_id, all, admitted, keyed).await
    }

    /// Takes out the lines at some places, with the problem of each.
    fn take_out(&mut self, refused: &[usize]) -> Vec<(u64, AnswerOfLine)> {
        let mut place = 0..;
        let mut is_refused = || place.next().is_some_and(|place| refused.contains(&place));
        let (out, rest) = std::mem::take(&mut self.places)
            .into_iter()
            .partition(|_| is_refused());
        self.places = rest;
        let mut place = 0..;
        self.all
            .transactions
            .retain(|_| place.next().is_none_or(|place| !refused.contains(&place)));
        let out: Vec<(u64, Identifier)> = out;
        let answers = out.into_iter().map(|(number, _)| {
            let problem = self::refused("/id", NO_LONGER_KEPT);
            (number, Err(problem.on_line(number)))
        });
        answers.collect()
    }
}

/// What became of a group.
pub(super) struct KeptGroup {
    answers: Vec<(u64, AnswerOfLine)>,
    /// Whether it was kept when the same request was sent before.
    pub(super) is_replayed: bool,
}

/// Lines by customer, and their answers.
#[derive(Default)]
pub(super) struct ReadLines {
    groups: BTreeMap<(String, String), LineGroup>,
    answers: BTreeMap<u64, AnswerOfLine>,
}

impl ReadLines {
    /// Adds a line that was read, or what is wrong with it.
    pub(super) fn add(&mut self, number: u64, line: Result<ReadLine, Problem>) {
        let ReadLine {
            customer_id,
            mut read,
        } = match line {
            Ok(line) => line,
            Err(problem) => {
                self.answers.insert(number, Err(problem.on_line(number)));
                return;
            }
        };
        let transactions = std::mem::take(&mut read.transactions);
        let key = (customer_id.as_str().to_owned(), read.settings.clone());
        let group = self.groups.entry(key).or_insert_with(|| LineGroup {
            customer_id,
            all: read,
            places: Vec::new(),
        });
        let ids = transactions.iter().map(|one| (number, one.id.clone()));
        group.places.extend(ids);
        group.all.transactions.extend(transactions);
    }

    /// The groups that are to be kept.
    pub(super) fn take_groups(&mut self) -> Vec<LineGroup> {
        std::mem::take(&mut self.groups).into_values().collect()
    }

    /// Takes in what became of a group.
    pub(super) fn answered(&mut self, group: KeptGroup) {
        self.answers.extend(group.answers);
    }

    /// The answers, in the order of their lines.
    pub(super) fn text(&self) -> Vec<u8> {
        let mut text = Vec::new();
        for (number, answer) in &self.answers {
            match answer {
                Ok((customer_id, id, added)) => write_line(
                    &mut text,
                    &KeptLine {
                        line: *number,
                        customer_id,
                        id,
                        position: added.position,
                        approximate_since: added.approximate_since.map(time_of),
                    },
                ),
                Err(problem) => write_line(&mut text, problem),
            }
        }
        text
    }
}

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
