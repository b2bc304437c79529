//! Live scoring of a history that arrives transaction by transaction: the network runs one step when a period closes.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use ndarray::{Array3, Axis};
use schemars::JsonSchema;
use serde::Serialize;

use crate::document::{PeriodScore, Scoring};
use crate::named_outputs::NamedOutputs;
use crate::timed_run::run;
use microseg_encoding::{Arrived, ClosedPeriod, LiveHistory, Profile};
use microseg_history::{HistoryError, Identifier};
use microseg_model::{Batch, Model, Priority, RecurrentState, RunError, Trajectories};
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
    history: LiveHistory,
    trajectory: LiveTrajectory<'model>,
}

/// The trajectory so far, and what its next step needs.
struct LiveTrajectory<'model> {
    model: &'model Model,
    /// The inputs of the last periods, as many as the window has at the most.
    inputs: VecDeque<Profile>,
    /// The recurrent state after them; used only while all periods are in the window.
    recurrent_state: Option<RecurrentState>,
}

impl<'model> LiveScoring<'model> {
    /// A trajectory without a period.
    #[must_use]
    pub fn new(model: &'model Model, history: LiveHistory) -> Self {
        Self {
            history,
            trajectory: LiveTrajectory {
                model,
                inputs: VecDeque::new(),
                recurrent_state: None,
            },
        }
    }

    /// Adds the transaction on a line, from 1, given as JSON; returns an event for each period that it closed, or one when it
    /// was late.
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
            Arrived::Added(closed) => Ok(self.trajectory.steps(closed, timing).await?),
            Arrived::Late { id, period } => Ok(vec![Event::Late {
                line,
                id,
                period: period.to_string(),
            }]),
        }
    }

    /// Closes the last periods, now that nothing more will arrive.
    ///
    /// # Errors
    /// [`RunError`] when the queue is full or the network fails.
    pub async fn close(&mut self, timing: &mut Timing) -> Result<Vec<Event>, RunError> {
        let closed = self.history.close();
        self.trajectory.steps(closed, timing).await
    }

    /// The scoring of the whole history, for a customer of this name.
    ///
    /// # Errors
    /// [`LiveError`], also when there was no spending in the window.
    pub async fn score(
        self,
        customer_id: Option<Identifier>,
        timing: &mut Timing,
    ) -> Result<Event, LiveError> {
        let history = self.history.into_history(customer_id)?;
        let model = self.trajectory.model;
        let profile = history.totals.profile();
        model.observe(&profile);
        let trajectories =
            run_when_free(model, Batch::of_sequence(profile.shares()), timing).await?;
        let scoring = Scoring::new(model, history, &trajectories);
        Ok(Event::Score(Box::new(scoring)))
    }
}

impl LiveTrajectory<'_> {
    async fn steps(
        &mut self,
        closed: Vec<ClosedPeriod>,
        timing: &mut Timing,
    ) -> Result<Vec<Event>, RunError> {
        let mut events = Vec::with_capacity(closed.len());
        for period in closed {
            events.push(Event::Period(self.step(period, timing).await?));
        }
        Ok(events)
    }

    async fn step(
        &mut self,
        closed: ClosedPeriod,
        timing: &mut Timing,
    ) -> Result<ClosedScore, RunError> {
        let window = self.model.manifest().most_steps().unwrap_or(usize::MAX);
        let batch = if self.inputs.len() < window && self.model.is_continuable() {
            let input = closed.profile.shares().insert_axis(Axis(0)).to_owned();
            match self.recurrent_state.take() {
                Some(state) => Batch::continued(input, state),
                None => Batch::new(input),
            }
        } else {
            // The oldest period leaves the window, but is part of the recurrent state: the whole window is run again.
            if self.inputs.len() == window {
                self.inputs.pop_front();
            }
            self.window_ending_with(&closed.profile)
        };
        let trajectories = run_when_free(self.model, batch, timing).await?;
        self.inputs.push_back(closed.profile);

        let state = trajectories.final_states().row(0).to_vec();
        let outputs = trajectories.final_outputs().row(0).to_vec();
        self.recurrent_state = Some(trajectories.recurrent_state);
        let space = &self.model.manifest().space;
        Ok(ClosedScore {
            segment: space.segments().locate(&state),
            attractor: space.attractors().near(&state),
            score: PeriodScore {
                period: closed.period.to_string(),
                state,
                traits: NamedOutputs::new(self.model.output_names(), outputs),
                spending: closed.sum.spending,
                transactions: closed.sum.transactions,
            },
        })
    }

    fn window_ending_with(&self, last: &Profile) -> Batch {
        let steps = self.inputs.iter().chain([last]);
        let mut inputs = Array3::zeros((1, self.inputs.len() + 1, last.shares().ncols()));
        for (step, mut input) in steps.zip(inputs.axis_iter_mut(Axis(1))) {
            input.assign(&step.shares());
        }
        Batch::new(inputs)
    }
}

/// Runs a batch, and repeats it while the queue is full: a history that was sent line by line must not be lost.
async fn run_when_free(
    model: &Model,
    batch: Batch,
    timing: &mut Timing,
) -> Result<Trajectories, RunError> {
    loop {
        match run(model, Priority::Score, batch.clone(), timing).await {
            Err(RunError::Busy) => tokio::time::sleep(Duration::from_millis(5)).await,
            ran => return ran,
        }
    }
}
