//! The report: from evidence to the document that a caller reads.

use jiff::{Timestamp, Unit};
use uuid::Uuid;

use super::document::{
    Baseline, Contribution, Explanation, Input, MethodRecord, Other, QualityRecord, Runtime,
    SCHEMA_VERSION, TargetExplanation, Thresholds, Verdict, Window,
};
use super::evidence::Evidence;
use super::fidelity::{Fidelity, agreement};
use super::surrogate::{Surrogate, observe};
use super::{Options, Origin, Policy};
use crate::history::{Class, History, Taxonomy};
use crate::model::{LIBTORCH_VERSION, Model};
use crate::timing::Timing;

/// With fewer held-out perturbations an R² says nothing.
const LEAST_HELD_OUT: usize = 5;

/// The held-out perturbations that remove a class must together weigh as much as this part of one that removes nothing.
const LEAST_WEIGHT: f64 = 0.1;

/// What the surrogates say of each target, and whether to trust it.
pub(super) struct Judgement {
    targets: Vec<TargetExplanation>,
    quality: QualityRecord,
}

/// Ranks the contributions and holds every surrogate against what it has not seen.
pub(super) fn judge(
    evidence: &Evidence,
    options: &Options,
    policy: Policy,
    taxonomy: &Taxonomy,
) -> Judgement {
    let targets: Vec<TargetExplanation> = (0..evidence.targets.len())
        .map(|target| explain_target(evidence, target, options, taxonomy))
        .collect();
    let threshold = options.fidelity_target.unwrap_or(policy.fidelity_target);
    Judgement {
        quality: verdict(&targets, &untested_classes(evidence, taxonomy), threshold),
        targets,
    }
}

/// Puts it all into the document.
pub(super) fn report(
    model: &Model,
    history: History,
    options: &Options,
    evidence: &Evidence,
    judgement: Judgement,
    origin: Origin,
    timing: Timing,
) -> Explanation {
    let (from, to) = history.totals.span();
    let now = Timestamp::now();
    Explanation {
        id: Uuid::now_v7(),
        created_at: now.round(Unit::Millisecond).unwrap_or(now).to_string(),
        schema_version: SCHEMA_VERSION,
        customer_id: history.customer_id,
        request_id: origin.request_id,
        model: model.identity().clone(),
        runtime: Runtime {
            service: concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")),
            libtorch: LIBTORCH_VERSION,
        },
        input: Input {
            sha256: evidence.input_sha256.clone(),
            transactions: history.quality.transactions,
            window: Window {
                from: from.to_string(),
                to: to.to_string(),
            },
            quality: history.quality,
        },
        method: MethodRecord {
            name: options.method,
            scope: "local",
            level: options.level,
            samples_requested: options.samples,
            samples_used: evidence.perturbations.len(),
            seed: evidence.seed,
            kernel_width: evidence.kernel_width,
            ridge: evidence.fit.ridge,
        },
        baseline: Baseline {
            kind: "absence",
            description: "no spending at all in the same periods",
        },
        targets: judgement.targets,
        quality: judgement.quality,
        timing_ms: (timing, origin.started_at.elapsed()).into(),
    }
}

fn explain_target(
    evidence: &Evidence,
    target: usize,
    options: &Options,
    taxonomy: &Taxonomy,
) -> TargetExplanation {
    let surrogate = &evidence.fit.surrogates[target];
    let value = as_in_scoring(evidence.values[(0, target)]);
    let (contributions, other) = rank(surrogate, evidence, options.top, taxonomy);
    let intercept = surrogate.intercept();
    let explained = intercept
        + contributions
            .iter()
            .map(|one| one.contribution)
            .sum::<f64>()
        + other.contribution;
    let residual = value - explained;

    let side = |held_out| {
        let Evidence {
            perturbations,
            values,
            ..
        } = evidence;
        agreement(observe(surrogate, perturbations, values, target, held_out))
    };
    let held_out = side(true).filter(|_| enough_held_out(evidence));
    TargetExplanation {
        name: evidence
            .targets
            .names()
            .nth(target)
            .unwrap_or_default()
            .to_owned(),
        value,
        base_value: as_in_scoring(evidence.absent[target]),
        intercept,
        residual,
        contributions,
        other,
        fidelity: Fidelity {
            r2_holdout: held_out.map(|(r2, _)| r2),
            r2_fit: side(false).map_or(0.0, |(r2, _)| r2),
            rmse: held_out.map(|(_, rmse)| rmse),
            local_error: residual.abs(),
            effective_samples: evidence.fit.effective_samples,
        },
    }
}

/// The number that a scoring prints: the shortest decimal of the network's 32-bit float, so that the two agree.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the number came from a 32-bit float"
)]
fn as_in_scoring(value: f64) -> f64 {
    (value as f32).to_string().parse().unwrap_or(value)
}

/// The `top` strongest classes, and the rest in one.
fn rank(
    surrogate: &Surrogate,
    evidence: &Evidence,
    top: usize,
    taxonomy: &Taxonomy,
) -> (Vec<Contribution>, Other) {
    let coefficients = &surrogate.coefficients;
    let shares = &evidence.active.shares;
    let mut order: Vec<usize> = (0..coefficients.len()).collect();
    // A stable sort: classes of one size stay in the taxonomy's order.
    order.sort_by(|&one, &other| {
        coefficients[other]
            .abs()
            .total_cmp(&coefficients[one].abs())
    });
    let (listed, rest) = order.split_at(top.min(order.len()));

    let contributions = listed.iter().enumerate().map(|(place, &index)| {
        let coefficient = coefficients[index];
        let Class { id, title, .. } = &taxonomy.classes()[evidence.active.columns[index]];
        Contribution {
            rank: place + 1,
            class: id.clone(),
            title: title.clone(),
            period: None,
            share: shares[index],
            coefficient,
            contribution: coefficient,
            ci95: surrogate
                .margins
                .as_ref()
                .map(|margins| [coefficient - margins[index], coefficient + margins[index]]),
        }
    });
    let other = Other {
        classes: rest.len(),
        share: sum(rest.iter().map(|&index| shares[index])),
        contribution: sum(rest.iter().map(|&index| coefficients[index])),
    };
    (contributions.collect(), other)
}

/// The sum of nothing is 0; an iterator's own is -0.
fn sum(numbers: impl Iterator<Item = f64>) -> f64 {
    numbers.fold(0.0, |sum, number| sum + number)
}

/// Whether the held-out perturbations are enough to speak of an R².
fn enough_held_out(evidence: &Evidence) -> bool {
    let held_out = evidence.perturbations.iter().filter(|one| one.held_out);
    held_out.count() >= LEAST_HELD_OUT
}

/// Classes so large that removing them leads far from the customer: what they add is read from afar and hardly tested.
fn untested_classes<'a>(evidence: &Evidence, taxonomy: &'a Taxonomy) -> Vec<&'a str> {
    let mut weights = vec![0.0; evidence.active.columns.len()];
    for perturbation in evidence.perturbations.iter().filter(|one| one.held_out) {
        for &class in &perturbation.removed {
            weights[class] += perturbation.weight;
        }
    }
    let columns = evidence.active.columns.iter().zip(weights);
    columns
        .filter(|&(_, weight)| weight < LEAST_WEIGHT)
        .map(|(&column, _)| taxonomy.classes()[column].id.as_str())
        .collect()
}

fn verdict(targets: &[TargetExplanation], untested: &[&str], threshold: f64) -> QualityRecord {
    let missed = targets.iter().filter_map(|target| match target.fidelity.r2_holdout {
        Some(r2) if r2 >= threshold => None,
        Some(r2) => Some(format!(
            "{}: held-out R² {r2:.3} is below {threshold}",
            target.name
        )),
        None => Some(format!(
            "{}: the history has too few classes to hold perturbations out and test the surrogate",
            target.name
        )),
    });
    let far = untested.iter().map(|class| {
        format!(
            "{class}: so large a share that what it adds could hardly be tested near this customer"
        )
    });
    let reasons: Vec<String> = missed.chain(far).collect();
    QualityRecord {
        verdict: if reasons.is_empty() {
            Verdict::Ok
        } else {
            Verdict::LowFidelity
        },
        reasons,
        thresholds: Thresholds {
            r2_holdout: threshold,
        },
    }
}
