//! Live scoring of a history that arrives transaction by transaction: the network runs when a step closes.

mod events;
mod patience;
mod periods;
mod report;

use std::time::Instant;

use self::events::LiveEvents;
use self::patience::wait_for_the_queue;
use self::periods::LivePeriods;
pub use self::report::{ClosedScore, Event, EventScore, Every, LiveError, StepUnit};
use crate::scored::{Scored, not_run, sequence};
use crate::sequences::{Batches, run_sequences};
use microseg_encoding::{Arrived, Closed, LiveHistory};
use microseg_history::{HistoryError, Identifier};
use microseg_model::{Model, Priority, RunError};
use microseg_timing::Timing;

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
            StepUnit::Periods => {
                let earlier = history.inputs_of_earlier_periods()?;
                Trajectory::Periods(LivePeriods::new(model, earlier.as_ref()))
            }
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
            let mut ran = run_sequences(
                model,
                (Priority::Score, Batches::OfScorings),
                sequences,
                timing,
            )
            .await;
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
