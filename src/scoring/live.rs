//! Live scoring of a history that arrives transaction by transaction: the network runs when a step closes.

use std::num::NonZeroU64;
use std::time::Instant;

use schemars::JsonSchema;
use serde::Serialize;

use crate::document::{PeriodScore, Scoring};
use crate::live_events::LiveEvents;
use crate::live_periods::LivePeriods;
use crate::named_outputs::NamedOutputs;
use crate::patience::wait_for_the_queue;
use crate::scored::{Scored, not_run, sequence};
use crate::sequences::run_sequences;
use microseg_encoding::{Arrived, Closed, LiveHistory, PeriodSum, Step};
use microseg_history::{HistoryError, Identifier};
use microseg_model::{Model, Priority, RunError, Trajectories};
use microseg_problem::Problem;
use microseg_space::{Located, Near};
use microseg_timing::Timing;

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
    pub number: u64,
    /// The caller's name for it; `null` when it has none.
    pub id: Option<Identifier>,
    /// When it was, in UTC.
    #[schemars(example = "2019-03-01T10:00:00Z")]
    pub timestamp: String,
    /// The network's state after it: H numbers.
    pub state: Vec<f32>,
    /// The network's outputs after it, by name.
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

/// A customer's history that arrives, and its trajectory so far.
pub struct LiveScoring<'model> {
    model: &'model Model,
    history: LiveHistory,
    trajectory: Trajectory,
    every: Every,
}

/// The trajectory so far, and what its next step needs.
enum Trajectory {
    Periods(LivePeriods),
    Events(LiveEvents),
}

impl<'model> LiveScoring<'model> {
    /// The trajectory of a history to which no transaction was added yet.
    ///
    /// # Errors
    /// [`HistoryError::Invalid`] when the network cannot read the periods of an earlier request.
    pub fn new(
        model: &'model Model,
        history: LiveHistory,
        every: Every,
    ) -> Result<Self, HistoryError> {
        let trajectory = match StepUnit::of(model) {
            StepUnit::Periods => Trajectory::Periods(LivePeriods::new(
                model,
                history.inputs_of_earlier_periods()?,
            )),
            StepUnit::Transactions => Trajectory::Events(LiveEvents::new(model, &history)),
        };
        Ok(Self {
            model,
            history,
            trajectory,
            every,
        })
    }

    /// Adds the transaction on a line, from 1, given as JSON; returns an event for each step that it closed and that is to be
    /// reported, or one when it was late.
    ///
    /// # Errors
    /// [`LiveError`], after which nothing can be added.
    pub async fn add(
        &mut self,
        line: u64,
        text: &[u8],
        timing: &mut Timing,
    ) -> Result<Vec<Event>, LiveError> {
        let begun = Instant::now();
        let arrived = self.history.add(text);
        timing.parse += begun.elapsed();
        match arrived? {
            Arrived::Added(closed) => self.steps(closed, timing).await,
            Arrived::Late { id, period } => Ok(vec![Event::Late {
                line,
                id,
                period: period.to_string(),
            }]),
        }
    }

    /// The bytes of memory that the transactions take that have arrived, at the most.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.history.held_bytes()
    }

    /// Closes the last steps, now that nothing more will arrive.
    ///
    /// # Errors
    /// [`LiveError`] when the queue is full, the network fails, or cannot read a step.
    pub async fn close(&mut self, timing: &mut Timing) -> Result<Vec<Event>, LiveError> {
        let closed = self.history.close()?;
        self.steps(closed, timing).await
    }

    /// The scoring of the whole history, for a customer of this name; with its state if it is to be kept.
    ///
    /// # Errors
    /// [`LiveError`], also when there was nothing to score in the window.
    pub async fn score(
        self,
        customer_id: Option<Identifier>,
        keep: bool,
        timing: &mut Timing,
    ) -> Result<Scored, LiveError> {
        let history = self.history.into_history(customer_id, keep)?;
        let model = self.model;
        model.observe(&history);
        let ran = loop {
            let sequences = vec![sequence(model, &history)];
            let mut ran = run_sequences(model, Priority::Score, sequences, timing).await;
            match ran.pop().unwrap_or_else(not_run) {
                Err(RunError::Busy) => wait_for_the_queue().await,
                ran => break ran?,
            }
        };
        Ok(Scored::new(model, history, &ran))
    }

    async fn steps(
        &mut self,
        closed: Vec<Closed>,
        timing: &mut Timing,
    ) -> Result<Vec<Event>, LiveError> {
        let mut events = Vec::new();
        for step in closed {
            let event = match &mut self.trajectory {
                Trajectory::Periods(periods) => match step {
                    Closed::Period(closed) => {
                        let (period, sum) = (closed.period.to_string(), closed.sum);
                        let ran = periods.step(self.model, closed, timing).await?;
                        Some(Event::Period(ClosedScore::new(
                            self.model, period, sum, &ran,
                        )))
                    }
                    Closed::Event(_) | Closed::Month { .. } => None,
                },
                Trajectory::Events(events) => {
                    events
                        .step(self.model, &self.history, step, self.every, timing)
                        .await?
                }
            };
            events.extend(event);
        }
        Ok(events)
    }
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
