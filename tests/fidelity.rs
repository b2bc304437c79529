//! Fidelity of explanations, measured again from outside: on customers and perturbations of the test's own.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;
use std::time::Instant;

use microseg::encoding::{History, Profile};
use microseg::explain::{
    Explanation, Method, Options, Origin, Policy, TargetExplanation, Top, Verdict, explain,
};
use microseg::history::Limits;
use microseg::model::{Batch, Capacity, Model, Priority};
use microseg::simulation::Population;
use microseg::timing::Timing;
use ndarray::{Array3, Axis};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use uuid::Uuid;

const BUNDLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/models/spending-personality/1");

/// Customers that neither the training nor the bundle's tables have seen.
const SEED: u64 = 4_242;
const CUSTOMERS: u64 = 500;

/// How many perturbations of its own the test draws around each customer.
const FRESH: usize = 200;

fn model() -> Model {
    let capacity = Capacity::single(Limits::default());
    Model::load(Path::new(BUNDLE), capacity).unwrap()
}

async fn explained(model: &Model, history: History) -> Explanation {
    let options = Options {
        // Every coefficient is wanted, to compute what the surrogate says.
        method: Method::Lime,
        top: Top::constant::<1_000>(),
        ..Options::default()
    };
    let origin = Origin {
        id: Uuid::nil(),
        request_id: None,
        started_at: Instant::now(),
    };
    let policy = Policy::default();
    explain(
        model,
        history,
        &options,
        policy,
        origin,
        &mut Timing::default(),
    )
    .await
    .unwrap()
}

/// Masks as docs/explanations.md describes them: up to a twelfth of the classes goes, any as likely as another. Two
/// classes at least: nearly all masks of one were fitted, hardly any of the many others.
fn fresh_masks(generator: &mut ChaCha8Rng, classes: &[usize]) -> Vec<Vec<usize>> {
    let mut below = |bound: usize| usize::try_from(generator.next_u64() % bound as u64).unwrap();
    let most = classes.len().div_ceil(12).max(2);
    let mask = |_| {
        let mut left = classes.to_vec();
        let removed = 2 + below(most - 1);
        (0..removed)
            .map(|_| left.swap_remove(below(left.len())))
            .collect()
    };
    (0..FRESH).map(mask).collect()
}

/// Weighted R² of a surrogate on perturbations: (weight, network's number, surrogate's number).
fn r_squared(observations: &[(f64, f64, f64)]) -> f64 {
    let weights: f64 = observations.iter().map(|(weight, _, _)| weight).sum();
    let mean = observations
        .iter()
        .map(|(weight, value, _)| weight * value)
        .sum::<f64>()
        / weights;
    let (mut errors, mut variation) = (0.0, 0.0);
    for (weight, value, fitted) in observations {
        errors += weight * (value - fitted).powi(2);
        variation += weight * (value - mean).powi(2);
    }
    1.0 - errors / variation
}

fn surrogate(target: &TargetExplanation, names: &[String], removed: &[usize]) -> f64 {
    let present = target.contributions.iter().filter(|one| {
        let gone = removed
            .iter()
            .any(|&class| one.class.as_deref() == Some(&names[class]));
        !gone
    });
    target.intercept + present.map(|one| one.coefficient).sum::<f64>()
}

/// Each target's R² on fresh perturbations, under the kernel that the explanation names.
async fn fresh_r_squared(model: &Model, history: &History, explanation: &Explanation) -> Vec<f64> {
    let spending = history.totals.spending();
    let active: Vec<usize> = (0..spending.ncols())
        .filter(|&class| spending.column(class).sum() > 0.0)
        .collect();
    let mut generator = ChaCha8Rng::seed_from_u64(explanation.method.seed.unwrap() ^ 0xf5e5);
    let masks = fresh_masks(&mut generator, &active);
    let mut inputs = Array3::zeros((masks.len(), spending.nrows(), spending.ncols()));
    for (mask, mut input) in masks.iter().zip(inputs.axis_iter_mut(Axis(0))) {
        let mut left = spending.to_owned();
        for &class in mask {
            left.column_mut(class).fill(0.0);
        }
        input.assign(&Profile::of_spending(left.view()).shares());
    }
    let run = model
        .run(Priority::Explain, Batch::new(inputs))
        .await
        .unwrap();
    let outputs = run.trajectories.final_outputs().to_owned();

    let names: Vec<String> = model
        .encoder()
        .taxonomy()
        .classes()
        .iter()
        .map(|class| class.id.clone())
        .collect();
    let width = explanation.method.kernel_width.unwrap();
    let total = spending.sum();
    let of_target = |(index, target): (usize, &TargetExplanation)| {
        let observations: Vec<(f64, f64, f64)> = masks
            .iter()
            .enumerate()
            .map(|(row, mask)| {
                let removed: f64 = mask.iter().map(|&class| spending.column(class).sum()).sum();
                let weight = (-(removed / total / width).powi(2)).exp();
                let fitted = surrogate(target, &names, mask);
                (weight, f64::from(outputs[(row, index)]), fitted)
            })
            .collect();
        r_squared(&observations)
    };
    explanation
        .targets
        .iter()
        .enumerate()
        .map(of_target)
        .collect()
}

/// The number that a share of sorted numbers lies below.
fn quantile(numbers: &mut [f64], share: f64) -> f64 {
    numbers.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place in a list of hundreds"
    )]
    let place = (share * (numbers.len() - 1) as f64).round() as usize;
    numbers[place]
}

#[tokio::test]
async fn lime_reaches_its_fidelity_on_new_perturbations_of_new_customers() {
    let model = model();
    let population = Population::new(SEED).unwrap();
    let mut held_out: Vec<Vec<f64>> = vec![Vec::new(); model.output_names().len()];
    let mut effective = f64::INFINITY;
    let (mut ok, mut true_ok) = (0_u32, 0_u32);
    for customer in 0..CUSTOMERS {
        let document = serde_json::to_vec(&population.customer(customer)).unwrap();
        let history = model.encoder().read(&document).unwrap();
        let explanation = explained(&model, history.clone()).await;
        for (target, all) in explanation.targets.iter().zip(&mut held_out) {
            all.push(target.fidelity.r2_holdout.unwrap());
            effective = effective.min(target.fidelity.effective_samples.unwrap());
        }
        if explanation.quality.verdict == Verdict::Ok {
            let fresh = fresh_r_squared(&model, &history, &explanation).await;
            ok += 1;
            let threshold = explanation.quality.thresholds.r2_holdout;
            true_ok += u32::from(fresh.iter().all(|&r2| r2 >= threshold));
        }
    }
    for (name, all) in model.output_names().iter().zip(&mut held_out) {
        let (median, tenth) = (quantile(all, 0.5), quantile(all, 0.1));
        println!("{name}: median held-out R² {median:.4}, 10th percentile {tenth:.4}");
        assert!(median >= 0.99 && tenth >= 0.97, "{name}: {median} {tenth}");
    }
    println!(
        "least effective samples {effective:.0}; {ok} of {CUSTOMERS} are ok, {true_ok} of these are true"
    );
    assert!(effective >= 250.0, "{effective}");
    assert!(
        f64::from(true_ok) >= 0.95 * f64::from(ok),
        "{true_ok} of {ok}"
    );
    assert!(u64::from(ok) >= CUSTOMERS * 3 / 4, "{ok}");
}
