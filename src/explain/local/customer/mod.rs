//! The customer of an explanation: their own run, and the network's runs when parts of their history change.

mod checkpoints;
mod divided;
mod fields;
mod reencoded;

use crate::baseline::{Baseline, BaselineKind};
use crate::basket::{self, Replacement};
use crate::change::Change;
use crate::error::ExplainError;
use crate::evaluation::run_customer;
use crate::level::Level;
use crate::part::Place;
use crate::subject::Subject;
use crate::transaction_division::TransactionDivision;
use microseg_encoding::Totals;
use microseg_model::{Model, Trajectories};
use microseg_timing::Timing;
use ndarray::{Axis, Slice};

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
        /// The first period that is divided.
        first: usize,
    },
    OfTransactions(ReencodedCustomer<'a>),
}

impl<'a> Customer<'a> {
    /// Runs the customer as a scoring does. Spending that is taken away from totals becomes what the baseline is.
    pub(super) async fn run(
        model: &'a Model,
        subject: Subject<'a>,
        (baseline, change): (BaselineKind, Option<Change>),
        timing: &mut Timing,
    ) -> Result<Self, ExplainError> {
        Ok(match subject {
            Subject::Totals(totals) => {
                let run = run_customer(model, totals, timing).await?;
                let state = run.final_states().row(0).to_vec();
                let first = change.and_then(Change::cut).and_then(|cut| cut.period);
                Self::OfTotals {
                    replacement: match first {
                        Some(first) => Replacement {
                            baseline: Baseline::EARLIER,
                            basket: basket::before(totals, first),
                        },
                        None => Replacement::new(baseline, model, &state),
                    },
                    first: first.unwrap_or_default(),
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

    /// The other end of a change: one step.
    pub(super) async fn other_end(
        &self,
        change: Change,
        timing: &mut Timing,
    ) -> Result<Trajectories, ExplainError> {
        let (model, run) = match self {
            Self::OfTotals { model, run, .. } => (*model, run),
            Self::OfTransactions(customer) => (customer.model, &customer.trajectory),
        };
        match (change, self) {
            (Change::Center, _) => Ok(center(model, run)),
            (Change::Since(cut), Self::OfTransactions(customer)) if cut.period.is_none() => {
                customer.run_fixed(timing).await
            }
            (Change::Since(cut), _) => {
                let end = cut.period.unwrap_or_default();
                Ok(step(run, end.saturating_sub(1)))
            }
        }
    }

    /// Divides the history by a level of totals: what is `kept` becomes a part of its own.
    pub(super) fn divide(&self, level: Level, kept: impl Fn(Place) -> bool) -> Divided<'_> {
        match self {
            Self::OfTotals {
                model,
                totals,
                replacement,
                first,
                ..
            } => Divided::Totals(DividedTotals {
                replacement,
                model,
                spending: totals.spending(),
                division: Division::new(totals.spending(), level, *first, kept),
            }),
            Self::OfTransactions(customer) => Divided::Transactions(DividedTransactions {
                customer,
                division: TransactionDivision::by_level(customer.history, level, kept),
                frozen: None,
            }),
        }
    }
}

/// One step of a trajectory alone.
fn step(run: &Trajectories, place: usize) -> Trajectories {
    let steps = Slice::from(place..=place);
    Trajectories {
        states: run.states.slice_axis(Axis(1), steps).to_owned(),
        outputs: run.outputs.slice_axis(Axis(1), steps).to_owned(),
        recurrent_state: run.recurrent_state.clone(),
    }
}

/// The center of a customer's micro-segment, and the mean of the outputs there, as one step.
#[expect(
    clippy::cast_possible_truncation,
    reason = "means of what networks give as 32-bit floats"
)]
fn center(model: &Model, run: &Trajectories) -> Trajectories {
    let last = run.states.len_of(Axis(1)).saturating_sub(1);
    let mut end = step(run, last);
    let segments = model.manifest().space.segments();
    let own = segments.locate(&run.final_states().row(0).to_vec()).id;
    if let Some(segment) = segments.leaves().find(|leaf| leaf.id == own) {
        let of_center = end.states.iter_mut().zip(&segment.center);
        let of_outputs = end.outputs.iter_mut().zip(&segment.traits);
        for (number, mean) in of_center.chain(of_outputs) {
            *number = *mean as f32;
        }
    }
    end
}
