//! The scoring of a history that arrives transaction by transaction: the network steps as each period closes.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use ndarray::{Array3, Axis};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Named, PeriodScore, Scoring, run};
use microseg_history::{Arrived, ClosedPeriod, HistoryError, Identifier, LiveHistory, Profile};
use microseg_model::{Batch, Model, Priority, RecurrentState, RunError, Trajectories};
use microseg_problem::Problem;
use microseg_space::{Located, Near};
use microseg_timing::Timing;

/// What is told about a history while it arrives.
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

/// Where the journey stands after a period.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
#[schemars(rename = "ClosedPeriod")]
pub struct ClosedScore {
    /// The last step of the trajectory that a scoring of everything so far would have.
    #[serde(flatten)]
    pub score: PeriodScore,
    /// The micro-segment that the journey has led into.
    pub segment: Located,
    /// The nearest attractor; `null` when the network has none.
    pub attractor: Option<Near>,
}

/// Why an event could not be computed.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// A transaction is none, or the whole history has no spending.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// The queue is full, or the network fails.
    #[error(transparent)]
    Run(#[from] RunError),
}

/// A customer's history on its way in, and its journey so far.
pub struct LiveScoring<'model> {
    history: LiveHistory,
    journey: Journey<'model>,
}

/// The network's side of it.
struct Journey<'model> {
    model: &'model Model,
    /// The inputs of the last periods, as many as the window has at the most.
    inputs: VecDeque<Profile>,
    /// What the network remembers of them; only as long as all periods are in the window.
    memory: Option<RecurrentState>,
}

impl<'model> LiveScoring<'model> {
    /// A journey that has not begun.
    #[must_use]
    pub fn new(model: &'model Model, history: LiveHistory) -> Self {
        Self {
            history,
            journey: Journey {
                model,
                inputs: VecDeque::new(),
                memory: None,
            },
        }
    }

    /// Adds the transaction on a line, from 1, given as JSON; tells what it closed, or that it was late.
    ///
    /// # Errors
    /// [`LiveError`]; the journey is over then.
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
            Arrived::Added(closed) => Ok(self.journey.steps(closed, timing).await?),
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
        self.journey.steps(closed, timing).await
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
        let model = self.journey.model;
        let profile = history.totals.profile();
        model.observe(&profile);
        let trajectories = run_when_free(model, Batch::of_sequence(profile.shares()), timing).await?;
        let scoring = Scoring::new(model, history, 0, &trajectories);
        Ok(Event::Score(Box::new(scoring)))
    }
}

impl Journey<'_> {
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
        let window = self.model.manifest().window;
        let batch = if self.inputs.len() < window && self.model.is_continuable() {
            let input = closed.profile.shares().insert_axis(Axis(0)).to_owned();
            match self.memory.take() {
                Some(memory) => Batch::continued(input, memory),
                None => Batch::new(input),
            }
        } else {
            // The oldest period leaves the window, and the memory cannot forget it: the window is run from nothing.
            if self.inputs.len() == window {
                self.inputs.pop_front();
            }
            self.window_ending_with(&closed.profile)
        };
        let trajectories = run_when_free(self.model, batch, timing).await?;
        self.inputs.push_back(closed.profile);

        let state = trajectories.final_states().row(0).to_vec();
        let outputs = trajectories.final_outputs().row(0).to_vec();
        self.memory = Some(trajectories.recurrent_state);
        let space = &self.model.manifest().space;
        Ok(ClosedScore {
            segment: space.segments().locate(&state),
            attractor: space.attractors().near(&state),
            score: PeriodScore {
                period: closed.period.to_string(),
                state,
                traits: Named::new(self.model.output_names(), outputs),
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

/// Whoever has sent a history line by line does not lose it because too much is waiting at one moment.
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
