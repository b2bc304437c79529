//! A customer's history divided into parts, and the network's runs when parts change.

use ndarray::{ArrayView2, ArrayViewMut2};

use super::fields::DividedFields;
use super::reencoded::{Frozen, ReencodedCustomer};
use crate::baseline::Baseline;
use crate::basket::Replacement;
use crate::change::Change;
use crate::division::Division;
use crate::error::ExplainError;
use crate::evaluation::{PORTION, run_portion};
use crate::part::Part;
use crate::target::Reader;
use crate::transaction_division::TransactionDivision;
use microseg_encoding::Reencoder;
use microseg_model::{MANY_SEQUENCES, Model};
use microseg_scoring::Batches;
use microseg_timing::Timing;

/// The most bytes of inputs in a portion of more than one batch: it bounds the memory of long histories.
const MOST_BYTES: usize = 32 * 1024 * 1024;

/// A history divided into parts.
pub(crate) enum Divided<'a> {
    Totals(DividedTotals<'a>),
    Transactions(DividedTransactions<'a>),
    Fields(DividedFields<'a>),
}

/// Totals whose shares the network reads.
pub(crate) struct DividedTotals<'a> {
    pub(crate) model: &'a Model,
    /// `[T, K]`.
    pub(crate) spending: ArrayView2<'a, f64>,
    pub(crate) division: Division,
    /// What spending that is taken away becomes.
    pub(crate) replacement: &'a Replacement,
}

/// Transactions that are encoded again.
pub(crate) struct DividedTransactions<'a> {
    pub(crate) customer: &'a ReencodedCustomer<'a>,
    pub(crate) division: TransactionDivision,
    /// The part before a checkpoint, if there is one.
    pub(crate) frozen: Option<Frozen<'a>>,
}

impl Divided<'_> {
    pub(crate) fn parts(&self) -> &[Part] {
        match self {
            Self::Totals(totals) => totals.division.parts(),
            Self::Transactions(transactions) => transactions.division.parts(),
            Self::Fields(fields) => fields.parts(),
        }
    }

    /// The most inputs of a portion, at least 2.
    pub(crate) fn portion(&self) -> usize {
        match self {
            Self::Totals(_) => PORTION,
            Self::Transactions(transactions) => portion_of(transactions.customer),
            Self::Fields(fields) => portion_of(fields.customer),
        }
    }

    /// What the customer is for a method that compares with them, whose own words are given.
    pub(crate) fn own(&self, own: Baseline) -> Baseline {
        match self {
            Self::Totals(_) | Self::Transactions(_) => own,
            Self::Fields(_) => Baseline::OWN_FIELDS,
        }
    }

    /// What absence is.
    pub(crate) fn absence(&self) -> Baseline {
        match self {
            Self::Totals(totals) => totals.replacement.baseline.clone(),
            Self::Transactions(transactions) => match transactions.customer.history.reencoder {
                Reencoder::Events(_) => Baseline::NO_EVENT,
                Reencoder::Periods(_) => Baseline::NO_TRANSACTION,
            },
            Self::Fields(_) => Baseline::NO_FIELD,
        }
    }

    /// What the other end of a change is.
    pub(crate) fn other_end(&self, change: Change) -> Baseline {
        match (change, self) {
            (Change::Center, _) => Baseline::CENTER,
            (Change::Since(_), Self::Totals(_)) => Baseline::EARLIER,
            (Change::Since(cut), _) => match cut.period {
                Some(_) => Baseline::EARLIER_PERIODS,
                None => Baseline::EARLIER_EVENTS,
            },
        }
    }

    /// The targets' numbers for one portion of inputs, one row an input, whose parts are multiplied by these factors.
    pub(crate) async fn numbers(
        &self,
        reader: &Reader<'_>,
        factors: &[Vec<f64>],
        timing: &mut Timing,
    ) -> Result<Vec<f64>, ExplainError> {
        let mut numbers = Vec::new();
        match self {
            Self::Totals(DividedTotals {
                model,
                spending,
                division,
                replacement,
            }) => {
                let basket = replacement.basket.as_deref();
                let write = |input: usize, profile: ArrayViewMut2<'_, f32>| {
                    division.write_profile(&factors[input], basket, profile);
                };
                let inputs = factors.len();
                let run = run_portion(model, spending.dim(), inputs, write, timing).await?;
                reader.read(&run, inputs, &mut numbers);
            }
            Self::Transactions(DividedTransactions {
                customer,
                division,
                frozen,
            }) => {
                let left = factors.iter().map(|parts| division.left(parts));
                let ends = customer
                    .run_left(left, (*frozen, Batches::OfMany), timing)
                    .await?;
                for end in &ends {
                    reader.read(end, 1, &mut numbers);
                }
            }
            Self::Fields(fields) => {
                for end in &fields.run(factors, timing).await? {
                    reader.read(end, 1, &mut numbers);
                }
            }
        }
        Ok(numbers)
    }
}

/// The most inputs of a portion: whole batches.
fn portion_of(customer: &ReencodedCustomer<'_>) -> usize {
    let sequences = MOST_BYTES / customer.bytes.max(1);
    let sequences = sequences / MANY_SEQUENCES * MANY_SEQUENCES;
    sequences.clamp(MANY_SEQUENCES, PORTION)
}
