//! The global method: the papers' surrogate of the whole population, unrolled exactly over one customer's periods.

use std::time::Instant;

use ndarray::{Array1, Array3, ArrayView2};

use super::Level;
use super::evaluation::evaluate;
use super::fidelity::{Measures, agreement_along};
use super::findings::{Findings, LinearModel};
use super::part::{Part, parts};
use super::target::{Source, Targets};
use crate::history::Totals;
use crate::model::{Batch, Model, RunError, Trajectories};
use crate::space::StateSpace;
use crate::timing::Timing;

/// Splits the surrogate's number for each target into what the parts of the spending add to it.
pub(super) async fn explain(
    model: &Model,
    totals: &Totals,
    targets: &Targets,
    level: Level,
    timing: &mut Timing,
) -> Result<Findings, RunError> {
    let begun = Instant::now();
    let profile = totals.profile();
    let (periods, classes) = profile.shares().dim();
    let nothing = Batch::new(Array3::zeros((1, periods, classes)));
    timing.surrogate += begun.elapsed();

    // The customer runs alone, as in a scoring: the last bit of some networks depends on the size of the batch.
    let customer = evaluate(model, Batch::of_profile(&profile), timing).await?;
    let absent = evaluate(model, nothing, timing).await?;

    let begun = Instant::now();
    let parts = parts(totals.spending(), level);
    let space = &model.manifest().space;
    let models = targets
        .sources()
        .map(|source| unroll(source, space, profile.shares(), &parts, &customer, &absent))
        .collect();
    timing.surrogate += begun.elapsed();
    Ok(Findings {
        parts,
        models,
        drawing: None,
        untested: Vec::new(),
    })
}

fn unroll(
    source: Source,
    space: &StateSpace,
    profile: ArrayView2<'_, f32>,
    parts: &[Part],
    customer: &Trajectories,
    absent: &Trajectories,
) -> LinearModel {
    let target = GlobalTarget::new(source, space);
    let surrogate = space.surrogate();
    let unrolled = surrogate.unroll(&target.weights, target.constant, profile);
    let network = source.along(customer);
    let steps = network.iter().copied().zip(unrolled.trajectory);
    let along = agreement_along(steps, target.deviation);
    LinearModel {
        value: last(&network),
        base_value: last(&source.along(absent)),
        intercept: unrolled.intercept,
        coefficients: parts
            .iter()
            .map(|part| part.cells(unrolled.contributions.view()).sum())
            .collect(),
        margins: None,
        measures: Measures {
            r2_holdout: Some(target.r2_holdout),
            r2_fit: target.r2_fit,
            r2_trajectory: along.map(|(r2, _)| r2),
            rmse: along.map(|(_, rmse)| rmse),
            effective_samples: None,
        },
    }
}

/// A number of the network as the tables of the state space know it.
struct GlobalTarget {
    /// The number as a linear functional of the state, H weights and a constant.
    weights: Vec<f64>,
    constant: f64,
    /// Its standard deviation over all periods of the population.
    deviation: f64,
    r2_holdout: f64,
    r2_fit: f64,
}

impl GlobalTarget {
    fn new(source: Source, space: &StateSpace) -> Self {
        let tables = space.surrogate().document();
        match source {
            Source::State(index) => {
                let fidelity = &tables.fidelity.states[index];
                let mut weights = Array1::zeros(tables.c.len());
                weights[index] = 1.0;
                Self {
                    weights: weights.to_vec(),
                    constant: 0.0,
                    deviation: space.population().states.deviation[index],
                    r2_holdout: fidelity.free_running,
                    r2_fit: fidelity.one_step_fit,
                }
            }
            Source::Output(index) => {
                let fidelity = &tables.fidelity.outputs[index];
                Self {
                    weights: tables.d[index].clone(),
                    constant: tables.e[index],
                    deviation: space.population().outputs.deviation[index],
                    r2_holdout: fidelity.free_running,
                    r2_fit: fidelity.from_state_fit,
                }
            }
        }
    }
}

/// The number after the last period; there is at least one.
fn last(numbers: &[f64]) -> f64 {
    numbers.last().copied().unwrap_or_default()
}
