//! A customer whose history is encoded again: the network's run of it, and runs of what is left of it.

use std::time::Instant;

use super::checkpoints::{Checkpoint, Checkpoints};
use crate::error::ExplainError;
use crate::since::SinceFault;
use crate::subject::{Left, Reencoded};
use microseg_encoding::{Before, EventReencoder, Reencoder};
use microseg_model::{Model, Priority, RecurrentState, Trajectories};
use microseg_scoring::{Batches, Steps, recurrent_state, run_chunks, run_to_ends};
use microseg_timing::Timing;

/// A customer whose history is encoded again.
pub(crate) struct ReencodedCustomer<'a> {
    pub(crate) model: &'a Model,
    pub(crate) history: Reencoded<'a>,
    /// The recurrent state before the first transaction; `None` for zeros.
    pub(crate) begin: Option<RecurrentState>,
    /// The customer's own trajectory, as in their scoring.
    pub(crate) trajectory: Trajectories,
    pub(crate) checkpoints: Checkpoints,
    /// The transactions that are the customer's steps; empty where steps are periods.
    pub(crate) steps: Vec<usize>,
    /// The size of what the network reads of the customer, in bytes.
    pub(crate) bytes: usize,
}

/// The steps before a checkpoint, which are there as they are or are all gone.
#[derive(Clone, Copy)]
pub(crate) struct Frozen<'a> {
    pub(crate) checkpoint: &'a Checkpoint,
}

/// A sequence, or the end of one that needs no run.
enum Prepared {
    ToRun(Steps),
    Known(Trajectories),
}

impl<'a> ReencodedCustomer<'a> {
    /// Runs the customer as a scoring does.
    pub(super) async fn run(
        model: &'a Model,
        history: Reencoded<'a>,
        timing: &mut Timing,
    ) -> Result<Self, ExplainError> {
        let begun = Instant::now();
        let unchanged = vec![1.0; history.transactions.len()];
        let inputs = history.reencoder.inputs(&unchanged)?;
        let steps = match history.reencoder {
            Reencoder::Events(events) => events.steps(&unchanged),
            Reencoder::Periods(_) => Vec::new(),
        };
        let bytes = size_of_val(inputs.numbers.as_slice().unwrap_or_default())
            + size_of_val(inputs.categories.as_slice().unwrap_or_default());
        timing.perturb += begun.elapsed();
        let before = history.before.map(|before| before.checkpoint.state());
        let first_state = before.map(|state| recurrent_state(model, state));
        let sequence = Steps {
            inputs,
            after: first_state.clone(),
        };
        let chunks = run_chunks(model, Priority::Explain, sequence, timing).await?;
        Ok(Self {
            model,
            history,
            begin: first_state,
            checkpoints: Checkpoints::new(&chunks),
            trajectory: Trajectories::continued(chunks),
            steps,
            bytes,
        })
    }

    /// Runs the transactions before the cut alone, as a scoring does.
    pub(super) async fn run_fixed(
        &self,
        timing: &mut Timing,
    ) -> Result<Trajectories, ExplainError> {
        let transactions = self.history.transactions.iter();
        let factors: Vec<f64> = transactions
            .map(|one| f64::from(u8::from(self.history.is_fixed(one))))
            .collect();
        if factors.iter().all(|&factor| factor <= 0.0) {
            return Err(SinceFault::Outside.into());
        }
        let before = Before::Kept;
        let left = std::iter::once(Left { factors, before });
        let way = (None, Batches::OfScorings);
        let mut ends = self.run_left(left, way, timing).await?;
        ends.pop().ok_or_else(|| SinceFault::Outside.into())
    }

    /// Runs what is left of the history, each time.
    pub(crate) async fn run_left(
        &self,
        left: impl Iterator<Item = Left>,
        (frozen, batches): (Option<Frozen<'_>>, Batches),
        timing: &mut Timing,
    ) -> Result<Vec<Trajectories>, ExplainError> {
        let begun = Instant::now();
        let prepared = left.map(|left| self.prepare(&left, frozen));
        let prepared: Vec<Prepared> = prepared.collect::<Result<_, _>>()?;
        timing.perturb += begun.elapsed();

        let mut to_run = Vec::with_capacity(prepared.len());
        let mut known = Vec::with_capacity(prepared.len());
        for one in prepared {
            match one {
                Prepared::ToRun(steps) => {
                    to_run.push(steps);
                    known.push(None);
                }
                Prepared::Known(end) => known.push(Some(end)),
            }
        }
        let ran = run_to_ends(self.model, (Priority::Explain, batches), to_run, timing).await?;
        let mut ran = ran.into_iter();
        let ends = known.into_iter();
        Ok(ends.filter_map(|end| end.or_else(|| ran.next())).collect())
    }

    fn prepare(&self, left: &Left, frozen: Option<Frozen<'_>>) -> Result<Prepared, ExplainError> {
        match self.history.reencoder {
            Reencoder::Periods(_) => Ok(Prepared::ToRun(Steps {
                inputs: self.history.reencoder.inputs(&left.factors)?,
                after: None,
            })),
            Reencoder::Events(events) => self.prepare_events(events, left, frozen),
        }
    }

    fn prepare_events(
        &self,
        events: &EventReencoder<'_>,
        left: &Left,
        frozen: Option<Frozen<'_>>,
    ) -> Result<Prepared, ExplainError> {
        let factors = &left.factors;
        let keeps_before = left.before == Before::Kept;
        let begin = frozen.filter(|_| keeps_before);
        let (steps, begin) = match begin {
            // The window does not reach older ones: what is before the checkpoint stays as it is.
            Some(Frozen { checkpoint }) => {
                let (before, after) = self.steps.split_at(checkpoint.steps);
                let after = after.iter().filter(|&&step| factors[step] > 0.0);
                (
                    before.iter().chain(after).copied().collect(),
                    checkpoint.steps,
                )
            }
            None => (events.steps(factors), 0),
        };
        if let Some(Frozen { checkpoint }) = frozen
            && steps.len() == begin
            && begin > 0
        {
            return Ok(Prepared::Known(checkpoint.end.clone()));
        }
        let pairs = steps.iter().zip(&self.steps);
        let common = pairs.take_while(|&(one, own)| one == own && is_one(factors[*one]));
        // Without what comes before all, the first state is another one.
        let is_as_it_was = keeps_before || self.begin.is_none();
        let common = if is_as_it_was { common.count() } else { 0 };
        let lengths = (common, steps.len());
        let checkpoint = self.checkpoints.before(self.model, lengths, begin);
        let from = checkpoint.map_or(0, |checkpoint| checkpoint.steps);
        Ok(Prepared::ToRun(Steps {
            inputs: events.inputs(&steps, from, (factors, left.before))?,
            after: match checkpoint {
                Some(checkpoint) => Some(checkpoint.state.clone()),
                None if keeps_before => self.begin.clone(),
                None => None,
            },
        }))
    }
}

/// Whether an amount stays as it is.
#[expect(clippy::float_cmp, reason = "a factor of 1 is written as 1")]
fn is_one(factor: f64) -> bool {
    factor == 1.0
}
