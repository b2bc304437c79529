//! The customer of an explanation: their own run, and the network's runs when parts of their history change.

mod checkpoints;
mod divided;
mod fields;
mod reencoded;

use crate::baseline::BaselineKind;
use crate::basket::Replacement;
use crate::error::ExplainError;
use crate::evaluation::run_customer;
use crate::level::Level;
use crate::part::Place;
use crate::subject::Subject;
use crate::transaction_division::TransactionDivision;
use microseg_encoding::Totals;
use microseg_model::{Model, Trajectories};
use microseg_timing::Timing;

pub(super) use divided::{Divided, DividedTotals, DividedTransactions};
pub(super) use fields::DividedFields;
pub(super) use reencoded::{Frozen, ReencodedCustomer};

use crate::division::Division;

/// The customer, and what the network gives for them.
pub(super) enum Customer<'a> {
    OfTotals {
        model: &'a Model,
        totals: &'a Totals,
        run: Trajectories,
        replacement: Replacement,
    },
    OfTransactions(ReencodedCustomer<'a>),
}

impl<'a> Customer<'a> {
    /// Runs the customer as a scoring does. Spending that is taken away from totals becomes what the baseline is.
    pub(super) async fn run(
        model: &'a Model,
        subject: Subject<'a>,
        baseline: BaselineKind,
        timing: &mut Timing,
    ) -> Result<Self, ExplainError> {
        Ok(match subject {
            Subject::Totals(totals) => {
                let run = run_customer(model, totals, timing).await?;
                let state = run.final_states().row(0).to_vec();
                Self::OfTotals {
                    replacement: Replacement::new(baseline, model, &state),
                    run,
                    model,
                    totals,
                }
            }
            Subject::Transactions(history) => {
                Self::OfTransactions(ReencodedCustomer::run(model, history, timing).await?)
            }
        })
    }

    /// The customer's trajectory.
    pub(super) fn trajectory(&self) -> &Trajectories {
        match self {
            Self::OfTotals { run, .. } => run,
            Self::OfTransactions(customer) => &customer.trajectory,
        }
    }

    /// Divides the history by a level of totals: what is `kept` becomes a part of its own.
    pub(super) fn divide(&self, level: Level, kept: impl Fn(Place) -> bool) -> Divided<'_> {
        match self {
            Self::OfTotals {
                model,
                totals,
                replacement,
                ..
            } => Divided::Totals(DividedTotals {
                replacement,
                model,
                spending: totals.spending(),
                division: Division::new(totals.spending(), level, kept),
            }),
            Self::OfTransactions(customer) => Divided::Transactions(DividedTransactions {
                customer,
                division: TransactionDivision::by_level(customer.history, level, kept),
                frozen: None,
            }),
        }
    }
}
