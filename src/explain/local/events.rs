//! The level of events: the transactions that move the numbers most, and the old ones that hardly do.
//!
//! As by `TimeSHAP` (Bento et al. 2021, arXiv 2012.00073), old events whose joint effect is below a tolerance are pruned into one
//! part. The recurrent state after them is known from the customer's own run, so perturbations run only what follows.

use super::customer::{Divided, DividedTransactions, Frozen, ReencodedCustomer};
use super::effects::strongest_first;
use super::local_method::LocalMethod;
use super::neighbourhood::Neighbourhood;
use crate::baseline::BaselineKind;
use crate::document::Pruned;
use crate::error::ExplainError;
use crate::part::Place;
use crate::subject::Left;
use crate::target::Reader;
use crate::transaction_division::TransactionDivision;
use microseg_encoding::Before;
use microseg_scoring::Batches;
use microseg_timing::Timing;

/// The most events with coefficients of their own.
const MOST_EVENTS: usize = 64;

/// Up to this many events are taken away one by one to find the strongest; of more, whole blocks are taken away first.
const MOST_SCREENED: usize = 512;

/// How many blocks there are then; of the strongest, events are taken away one by one.
const BLOCKS: usize = 128;

/// At least so many of the newest events are not pruned.
const FEWEST_RECENT: usize = 32;

/// The largest joint effect of pruned events, as a share of a number's range.
const TOLERANCE: f64 = 0.025;

/// The transactions that are looked at: those behind a checkpoint, or all.
struct Recent<'a> {
    customer: &'a ReencodedCustomer<'a>,
    reader: &'a Reader<'a>,
    frozen: Option<Frozen<'a>>,
    pruned: Option<Pruned>,
}

/// Divides a history by its transactions. `numbers` are the targets' numbers for the customer.
pub(super) async fn neighbourhood<'a>(
    customer: &'a ReencodedCustomer<'a>,
    method: &dyn LocalMethod,
    reader: &'a Reader<'a>,
    numbers: &[f64],
    timing: &mut Timing,
) -> Result<Neighbourhood<'a>, ExplainError> {
    // Scaled amounts change the state at every checkpoint.
    // Nor is old what stays as it is in any case.
    let removes = method.baseline().kind == BaselineKind::Absence && customer.history.cut.is_none();
    let all = Recent {
        customer,
        reader,
        frozen: None,
        pruned: None,
    };
    let recent = if removes {
        all.pruned(numbers, timing).await?
    } else {
        all
    };
    let strongest = recent.strongest(numbers, timing).await?;
    let is_kept = |place| matches!(place, Place::Event(event) if strongest.contains(&event));
    Ok(recent.around(|step| step, is_kept))
}

impl<'a> Recent<'a> {
    /// The events behind the checkpoint, and behind the cut.
    fn steps(&self) -> &'a [usize] {
        let before = self.frozen.map_or(0, |frozen| frozen.checkpoint.steps);
        let steps = &self.customer.steps[before..];
        let history = self.customer.history;
        let fixed = steps.partition_point(|&step| history.is_fixed(&history.transactions[step]));
        &steps[fixed..]
    }

    /// Divides the transactions: `block_of` gives the first transaction of the block that one belongs to.
    fn around(
        &self,
        block_of: impl Fn(usize) -> usize,
        kept: impl Fn(Place) -> bool,
    ) -> Neighbourhood<'a> {
        let first = self.steps().first().copied().unwrap_or(usize::MAX);
        let place_of = |transaction: usize| {
            if transaction >= first {
                Place::Event(block_of(transaction))
            } else if self.frozen.is_some() {
                Place::Pruned
            } else {
                Place::Rest
            }
        };
        Neighbourhood {
            divided: Divided::Transactions(DividedTransactions {
                customer: self.customer,
                division: TransactionDivision::new(self.customer.history, place_of, kept),
                frozen: self.frozen,
            }),
            reader: self.reader,
            pruned: self.pruned,
        }
    }

    /// Prunes as many old events as the tolerance allows.
    async fn pruned(self, numbers: &[f64], timing: &mut Timing) -> Result<Self, ExplainError> {
        let steps = &self.customer.steps;
        let candidates = self.candidates();
        if candidates.is_empty() {
            return Ok(self);
        }
        // What is left without the old events of each, and without any transaction.
        let nothing = vec![0.0; self.customer.history.transactions.len()];
        let recent_only = candidates.iter().map(|candidate| {
            let mut factors = nothing.clone();
            for &step in &steps[candidate.checkpoint.steps..] {
                factors[step] = 1.0;
            }
            factors
        });
        let before = Before::Gone;
        let left = recent_only.chain([nothing.clone()]);
        let left = left.map(|factors| Left { factors, before });
        let ends = self
            .customer
            .run_left(left, (None, Batches::OfScorings), timing)
            .await?;
        let mut values = Vec::new();
        for end in &ends {
            self.reader.read(end, 1, &mut values);
        }
        let targets = numbers.len();
        let ranges = self.ranges(&values[candidates.len() * targets..]);
        let joint_effect = |candidate: usize| {
            let without = &values[candidate * targets..][..targets];
            let changes = without.iter().zip(numbers).zip(&ranges);
            let shares = changes.map(|((without, number), range)| {
                let change = (without - number).abs();
                if change > 0.0 { change / range } else { 0.0 }
            });
            shares.fold(0.0, f64::max)
        };
        // The most events come first.
        let effects = (0..candidates.len()).map(joint_effect);
        let found = candidates.iter().zip(effects);
        let Some((frozen, joint_effect)) = { found }.find(|(_, effect)| *effect <= TOLERANCE)
        else {
            return Ok(self);
        };
        let first = steps[frozen.checkpoint.steps];
        let before_all = self.customer.history.before;
        let before_all = before_all.map_or(0, |before| before.transactions());
        Ok(Self {
            pruned: Some(Pruned {
                events: before_all + first,
                tolerance: TOLERANCE,
                joint_effect,
            }),
            frozen: Some(*frozen),
            ..self
        })
    }

    /// Checkpoints that old events may be pruned up to, the one with the most first; each keeps about twice as many events as
    /// the one before.
    fn candidates(&self) -> Vec<Frozen<'a>> {
        let steps = &self.customer.steps;
        let mut least = FEWEST_RECENT;
        let mut candidates = Vec::new();
        for checkpoint in self.customer.checkpoints.iter().rev() {
            let recent = steps.len() - checkpoint.steps;
            if recent >= least {
                least = 2 * recent;
                candidates.push(Frozen { checkpoint });
            }
        }
        candidates
    }

    /// The range of each target along the customer's trajectory; `nothing` has its numbers without any transaction.
    fn ranges(&self, nothing: &[f64]) -> Vec<f64> {
        let sources = self.reader.sources().zip(nothing);
        let range = sources.map(|(source, &nothing)| {
            let along = self.reader.along(source, &self.customer.trajectory);
            let ends = along
                .iter()
                .fold((nothing, nothing), |(low, high), &number| {
                    (number.min(low), number.max(high))
                });
            ends.1 - ends.0
        });
        range.collect()
    }

    /// The events whose absence changes the targets most.
    async fn strongest(
        &self,
        numbers: &[f64],
        timing: &mut Timing,
    ) -> Result<Vec<usize>, ExplainError> {
        let steps = self.steps();
        let mut screened = steps.to_vec();
        if steps.len() > MOST_SCREENED {
            let size = steps.len().div_ceil(BLOCKS);
            let block = |step: usize| step - (step - steps[0]) % size;
            let blocks = self.around(block, |_| true);
            let order = self.order(&blocks, numbers, timing).await?;
            let strongest = order.iter().take((MOST_SCREENED / 2 / size).max(1));
            let in_blocks = strongest.flat_map(|&first| first..first + size);
            screened = in_blocks.filter(|step| steps.contains(step)).collect();
        }
        if screened.len() <= MOST_EVENTS {
            return Ok(screened);
        }
        let is_screened = |place| matches!(place, Place::Event(step) if screened.contains(&step));
        let singles = self.around(|step| step, is_screened);
        let mut order = self.order(&singles, numbers, timing).await?;
        order.truncate(MOST_EVENTS);
        Ok(order)
    }

    /// The events or blocks that are parts, strongest first.
    async fn order(
        &self,
        around: &Neighbourhood<'_>,
        numbers: &[f64],
        timing: &mut Timing,
    ) -> Result<Vec<usize>, ExplainError> {
        let without = around.one_at_a_time(0.0, timing).await?;
        let order = strongest_first(&without, numbers).into_iter();
        let events = order.filter_map(|part| match around.parts()[part].place {
            Place::Event(event) => Some(event),
            _ => None,
        });
        Ok(events.collect())
    }
}
