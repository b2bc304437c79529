//! The method `global-linear`: the papers' surrogate of the whole population, unrolled exactly over one customer's
//! periods or events.

mod cells;
mod read;

use std::time::Instant;

use ndarray::Array2;

use super::error::ExplainError;
use super::fidelity::{Measures, agreement_along};
use super::findings::{Findings, JudgedSurrogate, LinearModel};
use super::level::Level;
use super::stability::Stability;
use super::subject::Subject;
use super::target::{Reader, Source, Targets};
use microseg_model::Model;
use microseg_space::{Functional, StateSpace};
use microseg_timing::Timing;
use read::Read;

/// Splits the surrogate's number for each target into what the parts of the history add to it.
pub(super) async fn explain(
    model: &Model,
    subject: Subject<'_>,
    targets: &Targets,
    level: Level,
    timing: &mut Timing,
) -> Result<Findings, ExplainError> {
    let read = Read::run(model, subject, level, timing).await?;

    let begun = Instant::now();
    let reader = targets.reader(model, &read.customer);
    let states = reader.space().surrogate().run(read.design.view());
    let models = reader
        .sources()
        .zip(reader.in_scoring(&read.absent))
        .map(|(source, base_value)| {
            let network = reader.along(source, &read.customer);
            LinearModel {
                segment: reader.segment(source).map(str::to_owned),
                value: last(&network),
                base_value,
                is_changed: false,
                rival: reader.rival(source).map(str::to_owned),
                counterfactuals: None,
                removals: Vec::new(),
                surrogate: unroll(source, &reader, &read, &states, &network),
            }
        })
        .collect();
    timing.solve += begun.elapsed();
    Ok(Findings {
        parts: read.cells.parts().to_vec(),
        models,
        baseline: read.baseline,
        drawing: None,
        untested: Vec::new(),
        pruned: None,
        cut: None,
        before_token: None,
        fresh: Vec::new(),
    })
}

fn unroll(
    source: Source,
    reader: &Reader<'_>,
    read: &Read,
    states: &Array2<f64>,
    network: &[f64],
) -> JudgedSurrogate {
    let target = GlobalTarget::new(source, reader);
    let unrolled = reader
        .space()
        .surrogate()
        .unroll(&target.functional, read.design.view());
    let free_running = states
        .rows()
        .into_iter()
        .map(|state| target.functional.at(state.iter().copied()));
    let steps = network.iter().copied().zip(free_running);
    let along = agreement_along(steps, target.deviation.unwrap_or_default());
    JudgedSurrogate {
        intercept: unrolled.intercept,
        coefficients: read.cells.gather(unrolled.contributions.view()),
        margins: None,
        measures: Measures {
            r2_holdout: target.r2_holdout,
            r2_fit: target.r2_fit,
            r2_trajectory: along.and_then(|(r2, _)| target.deviation.map(|_| r2)),
            rmse: along.map(|(_, rmse)| rmse),
            effective_samples: None,
            r2_error: None,
            values: None,
        },
        stability: Stability::nothing_drawn(),
        interactions: None,
    }
}

/// A number of the network, with its entries in the tables of the state space. Margins have none.
struct GlobalTarget {
    functional: Functional,
    /// Its standard deviation over all steps of the population.
    deviation: Option<f64>,
    r2_holdout: Option<f64>,
    r2_fit: Option<f64>,
}

impl GlobalTarget {
    fn new(source: Source, reader: &Reader<'_>) -> Self {
        let space: &StateSpace = reader.space();
        let tables = space.surrogate().document();
        match source {
            Source::State(index) => {
                let fidelity = &tables.fidelity.states[index];
                let mut weights = vec![0.0; tables.c.len()];
                weights[index] = 1.0;
                Self {
                    functional: Functional {
                        weights,
                        constant: 0.0,
                    },
                    deviation: Some(space.population().states.deviation[index]),
                    r2_holdout: Some(fidelity.free_running),
                    r2_fit: Some(fidelity.one_step_fit),
                }
            }
            Source::Output(index) => {
                let fidelity = &tables.fidelity.outputs[index];
                Self {
                    functional: Functional {
                        weights: tables.d[index].clone(),
                        constant: tables.e[index],
                    },
                    deviation: Some(space.population().outputs.deviation[index]),
                    r2_holdout: Some(fidelity.free_running),
                    r2_fit: Some(fidelity.from_state_fit),
                }
            }
            // A margin is not linear: the surrogate follows its tangent at the customer. A boundary's distance is.
            Source::Margin | Source::Boundary => Self {
                functional: reader.tangent(source),
                deviation: None,
                r2_holdout: None,
                r2_fit: None,
            },
            Source::Decision => Self {
                functional: reader.decision((&tables.d, &tables.e)),
                deviation: None,
                r2_holdout: None,
                r2_fit: None,
            },
        }
    }
}

/// The number after the last step; there is at least one.
fn last(numbers: &[f64]) -> f64 {
    numbers.last().copied().unwrap_or_default()
}
