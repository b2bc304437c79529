//! Quality of the reference model: the numbers of its card, measured by other code on new customers.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;

use microseg::encoding::{Encoder, Profile};
use microseg::history::Limits;
use microseg::model::{Batch, Capacity, Model, Priority, RecurrentState, Trajectories};
use microseg::simulation::Population;
use microseg::space::StateSpace;
use ndarray::{Array2, Array3, Axis};

const BUNDLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/models/spending-personality/1");

/// A seed that neither the training nor the bundle's tables use.
const SEED: u64 = 3;
const CUSTOMERS: u64 = 600;

fn model() -> Model {
    let capacity = Capacity::single(Limits::default());
    Model::load(Path::new(BUNDLE), capacity).unwrap()
}

async fn run(model: &Model, batch: Batch) -> Trajectories {
    model
        .run(Priority::Score, batch)
        .await
        .unwrap()
        .trajectories
}

/// The rule of the trait coefficients in the card: running profiles, standardized by the card's numbers.
fn rule(encoder: &Encoder, profile: &Profile) -> Array2<f64> {
    let card = std::fs::read_to_string(Path::new(BUNDLE).join("MODEL_CARD.md")).unwrap();
    let taxonomy = encoder.taxonomy();
    let standards: Vec<(f64, f64)> = taxonomy
        .traits()
        .iter()
        .map(|name| {
            let rows = card
                .lines()
                .filter(|line| line.starts_with(&format!("| {name} |")));
            // The first table with this row is the one of the label rule.
            let cells: Vec<f64> = rows
                .map(|row| {
                    row.split('|')
                        .filter_map(|cell| cell.trim().parse().ok())
                        .collect()
                })
                .find(|cells: &Vec<f64>| cells.len() == 2)
                .unwrap();
            (cells[0], cells[1])
        })
        .collect();
    let mut running: Option<Vec<f64>> = None;
    let mut traits = Array2::from_elem((profile.shares().nrows(), standards.len()), 0.5);
    for (shares, mut out) in profile.shares().rows().into_iter().zip(traits.rows_mut()) {
        if shares.iter().any(|share| *share > 0.0) {
            let shares = shares.iter().copied().map(f64::from);
            running = Some(match running {
                None => shares.collect(),
                Some(before) => before
                    .iter()
                    .zip(shares)
                    .map(|(m, x)| m + 0.5 * (x - m))
                    .collect(),
            });
        }
        let Some(running) = &running else { continue };
        for (index, (mean, deviation)) in standards.iter().enumerate() {
            let coefficients = taxonomy
                .classes()
                .iter()
                .map(|class| class.coefficients[index]);
            let raw: f64 = coefficients.zip(running).map(|(w, m)| w * m).sum();
            out[index] = 1.0 / (1.0 + (-(raw - mean) / deviation).exp());
        }
    }
    traits
}

struct R2 {
    truth: Vec<f64>,
    given: Vec<f64>,
}

impl R2 {
    fn value(&self) -> f64 {
        let count = u32::try_from(self.truth.len()).unwrap();
        let mean = self.truth.iter().sum::<f64>() / f64::from(count);
        let errors: f64 = self
            .truth
            .iter()
            .zip(&self.given)
            .map(|(t, g)| (t - g).powi(2))
            .sum();
        let variation: f64 = self.truth.iter().map(|t| (t - mean).powi(2)).sum();
        1.0 - errors / variation
    }
}

fn r2s(count: usize) -> Vec<R2> {
    (0..count)
        .map(|_| R2 {
            truth: Vec::new(),
            given: Vec::new(),
        })
        .collect()
}

#[tokio::test]
async fn traits_and_surrogate_hold_on_new_customers() {
    let model = model();
    let population = Population::new(SEED).unwrap();
    let surrogate = model.manifest().space.surrogate();
    let hidden_size = model.manifest().hidden_size();
    let outputs = model.output_names().len();
    let (mut traits, mut one_step, mut free) = (r2s(outputs), r2s(hidden_size), r2s(hidden_size));
    let document = surrogate.document();
    for index in 0..CUSTOMERS {
        let text = serde_json::to_vec(&population.customer(index)).unwrap();
        let profile = model.encoder().read(&text).unwrap().totals.profile();
        let expected = rule(model.encoder(), &profile);
        let found = run(&model, Batch::of_sequence(profile.shares())).await;
        let states = found.states.index_axis(Axis(0), 0).mapv(f64::from);
        let last = states.nrows() - 1;
        for (output, r2) in traits.iter_mut().enumerate() {
            r2.truth.push(expected[[last, output]]);
            r2.given.push(f64::from(found.outputs[[0, last, output]]));
        }
        let freely = surrogate.run(profile.shares());
        for period in 0..states.nrows() {
            for dimension in 0..hidden_size {
                let before = |other: usize| {
                    if period == 0 {
                        0.0
                    } else {
                        states[[period - 1, other]]
                    }
                };
                let recurrent: f64 = (0..hidden_size)
                    .map(|other| document.a[dimension][other] * before(other))
                    .sum();
                let shares = profile.shares();
                let spending: f64 = (0..shares.ncols())
                    .map(|class| document.b[dimension][class] * f64::from(shares[[period, class]]))
                    .sum();
                let step = recurrent + spending + document.c[dimension];
                one_step[dimension].truth.push(states[[period, dimension]]);
                one_step[dimension].given.push(step);
                free[dimension].truth.push(states[[period, dimension]]);
                free[dimension].given.push(freely[[period, dimension]]);
            }
        }
    }
    for (output, r2) in traits.iter().enumerate() {
        assert!(
            r2.value() >= 0.95,
            "{}: {}",
            model.output_names()[output],
            r2.value()
        );
    }
    for (dimension, fidelity) in document.fidelity.states.iter().enumerate() {
        let (one_step, free) = (one_step[dimension].value(), free[dimension].value());
        assert!(
            one_step >= 0.95 && free >= 0.90,
            "state.{dimension}: {one_step}, {free}"
        );
        // The numbers of the card hold on other customers too.
        assert!(
            (one_step - fidelity.one_step).abs() < 0.01,
            "state.{dimension}: {one_step}"
        );
        assert!(
            (free - fidelity.free_running).abs() < 0.015,
            "state.{dimension}: {free}"
        );
    }
}

#[test]
fn surrogate_recovers_the_rule_and_the_planted_relations() {
    let model = model();
    let recovery = &model.manifest().space.surrogate().document().recovery;
    assert_eq!(recovery.rule.len(), 5);
    for rule in &recovery.rule {
        assert!(
            rule.correlation >= 0.95,
            "{}: {}",
            rule.output,
            rule.correlation
        );
    }
    let relations = recovery.relations.as_ref().unwrap();
    assert!(
        relations.correlation > 0.4 && relations.permutation_p <= 0.001,
        "{relations:?}"
    );
    assert!(relations.sign_agreement > 0.7, "{relations:?}");
}

#[tokio::test]
async fn every_attractor_is_a_fixed_point_that_attracts_near_states() {
    let model = model();
    let space: &StateSpace = &model.manifest().space;
    let attractors = &space.attractors().document().attractors;
    assert!(attractors.len() > 1);
    for attractor in attractors {
        let layers = model.manifest().shape().layers();
        let part = |rows: &[Vec<f32>], shift: f32| {
            Array3::from_shape_fn((layers, 1, rows[0].len()), |(layer, _, unit)| {
                rows[layer][unit] + shift
            })
        };
        let held = |periods: usize| {
            Array3::from_shape_fn((1, periods, attractor.input.len()), |(_, _, class)| {
                attractor.input[class]
            })
        };
        let state = |shift| {
            RecurrentState::new([
                ("h", part(&attractor.memory.0["h"], shift)),
                ("c", part(&attractor.memory.0["c"], shift)),
            ])
        };
        let next = run(&model, Batch::continued(held(1), state(0.0)))
            .await
            .recurrent_state;
        let rest = state(0.0);
        let moved = next.numbers().zip(rest.numbers());
        let moved: f32 = moved
            .map(|(next, rest)| (next - rest) * (next - rest))
            .sum();
        assert!(moved.sqrt() < 1e-5, "{}: {moved}", attractor.id);
        assert!(attractor.spectral_radius < 1.0);

        let returned = run(&model, Batch::continued(held(200), state(0.05))).await;
        let distance = returned
            .final_states()
            .row(0)
            .iter()
            .zip(&attractor.state)
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f32::max);
        assert!(distance < 1e-4, "{}: {distance}", attractor.id);
    }
}
