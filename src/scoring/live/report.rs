//! Reports on a history that arrives: where its trajectory is after a step that has closed.

use std::collections::BTreeMap;
use std::num::NonZeroU64;

use schemars::JsonSchema;
use serde::Serialize;

use crate::document::{PeriodScore, Scoring};
use crate::named_outputs::NamedOutputs;
use microseg_encoding::{PeriodSum, Step};
use microseg_history::{HistoryError, Identifier};
use microseg_model::{Model, RunError, Trajectories};
use microseg_problem::Problem;
use microseg_space::{Located, Near};

/// One event of a history that arrives.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
#[schemars(rename = "StreamEvent")]
pub enum Event {
    /// A period has closed.
    Period(ClosedScore),
    /// A transaction is a step of the network, and no other one can come before it any more.
    Transaction(EventScore),
    /// A transaction came after its period had closed, and was left out.
    Late {
        /// Its line, from 1.
        line: u64,
        /// The caller's name for it; `null` when it has none.
        id: Option<Identifier>,
        /// The period that it would belong to.
        period: String,
    },
    /// The history is complete: its scoring, the same as if it had come at once.
    Score(Box<Scoring>),
    /// The history was refused, and nothing after this is read.
    Problem(Problem),
}

/// Where the trajectory is after a period.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
#[schemars(rename = "ClosedPeriod")]
pub struct ClosedScore {
    /// The last step of the trajectory that a scoring of everything so far would have.
    #[serde(flatten)]
    pub score: PeriodScore,
    /// The micro-segment that the trajectory is in.
    pub segment: Located,
    /// The nearest attractor; `null` when the network has none.
    pub attractor: Option<Near>,
}

/// Where the trajectory is after a transaction that is a step of the network.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
#[schemars(rename = "ClosedTransaction")]
pub struct EventScore {
    /// Its number among all transactions of the sequence, from 1, in the order in which the network reads them.
    #[schemars(example = 7)]
    pub number: u64,
    /// The caller's name for it; `null` when it has none.
    #[schemars(example = &"t-7")]
    pub id: Option<Identifier>,
    /// When it was, in UTC.
    #[schemars(example = "2019-03-01T10:00:00Z")]
    pub timestamp: String,
    /// The network's state after it: H numbers.
    #[schemars(example = [0.25, -0.5])]
    pub state: Vec<f32>,
    /// The network's outputs after it, by name.
    #[schemars(example = BTreeMap::from([("churn", 0.25)]))]
    pub traits: NamedOutputs,
    /// The micro-segment that the trajectory is in.
    pub segment: Located,
    /// The nearest attractor; `null` when the network has none.
    pub attractor: Option<Near>,
}

/// How often a stream reports where the trajectory is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Every {
    /// After every so many transactions, where these are the steps.
    Transactions(NonZeroU64),
    /// At the end of every period of the model; of every month where transactions are the steps.
    Period,
}

/// What the steps of a model are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepUnit {
    /// Periods of the calendar.
    Periods,
    /// Transactions.
    Transactions,
}

impl StepUnit {
    /// Of a model.
    #[must_use]
    pub fn of(model: &Model) -> Self {
        match model.encoder().declaration().step() {
            Step::Event => Self::Transactions,
            _ => Self::Periods,
        }
    }
}

/// Why an event could not be computed.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// A transaction is invalid, or the whole history has no spending.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// The queue is full, or the network fails.
    #[error(transparent)]
    Run(#[from] RunError),
}

impl ClosedScore {
    pub(crate) fn new(model: &Model, period: String, sum: PeriodSum, ran: &Trajectories) -> Self {
        let (state, traits) = end_of(model, ran);
        let space = &model.manifest().space;
        Self {
            segment: space.segments().locate(&state),
            attractor: space.attractors().near(&state),
            score: PeriodScore {
                period,
                state,
                traits,
                spending: sum.spending,
                transactions: sum.transactions,
            },
        }
    }
}

/// The state and the outputs after the last step of the first sequence.
pub(crate) fn end_of(model: &Model, ran: &Trajectories) -> (Vec<f32>, NamedOutputs) {
    let outputs = ran.final_outputs().row(0).to_vec();
    (
        ran.final_states().row(0).to_vec(),
        NamedOutputs::new(model.output_names(), outputs),
    )
}
