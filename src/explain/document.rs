//! The JSON of an explanation.

use std::time::Duration;

use jiff::{Timestamp, Unit};
use serde::Serialize;
use uuid::Uuid;

use super::fidelity::{Fidelity, agreement};
use super::job::Evidence;
use super::surrogate::{Surrogate, observe};
use super::{Level, Method, Options, Policy};
use crate::history::{Class, History, Identifier, Quality, Taxonomy};
use crate::model::{LIBTORCH_VERSION, Model, ModelIdentity};
use crate::timing::{Timing, milliseconds};

/// The version of this document's form.
const SCHEMA_VERSION: &str = "1";

/// What is answered to the question why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// A UUIDv7: the ids of later explanations sort behind this one.
    pub id: Uuid,
    /// When it was made, RFC 3339 in UTC.
    pub created_at: String,
    /// The version of this document's form.
    pub schema_version: &'static str,
    /// The caller's name for the customer; `null` when none was given.
    pub customer_id: Option<Identifier>,
    /// The request that asked; `null` on the command line.
    pub request_id: Option<String>,
    /// The model that is explained.
    pub model: ModelIdentity,
    /// The programs that computed it.
    pub runtime: Runtime,
    /// The spending that it is about.
    pub input: Input,
    /// How it was made.
    pub method: MethodRecord,
    /// What the customer is compared with.
    pub baseline: Baseline,
    /// One surrogate for each number of the network that was asked for.
    pub targets: Vec<TargetExplanation>,
    /// Whether to trust it.
    pub quality: QualityRecord,
    /// What it took, by stage, in milliseconds.
    pub timing_ms: TimingRecord,
}

/// The programs that computed an explanation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Runtime {
    /// This program and its version.
    pub service: &'static str,
    /// The version of libtorch.
    pub libtorch: &'static str,
}

/// The spending that an explanation is about.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Input {
    /// SHA-256 over the canonical form of the totals, in lower-case hex; see [`crate::history::Totals::digest`].
    pub sha256: String,
    /// All transactions of the request.
    pub transactions: u64,
    /// The time that the totals cover.
    pub window: Window,
    /// What became of every transaction.
    pub quality: Quality,
}

/// A span of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Window {
    /// The first moment, RFC 3339.
    pub from: String,
    /// The first moment after it, RFC 3339.
    pub to: String,
}

/// How an explanation was made.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MethodRecord {
    /// The surrogate's method.
    pub name: Method,
    /// `local`: the surrogate holds around this customer.
    pub scope: &'static str,
    /// What one coefficient stands for.
    pub level: Level,
    /// How many perturbations were asked for.
    pub samples_requested: usize,
    /// How many there were; fewer when the customer's classes allow no more that differ.
    pub samples_used: usize,
    /// The seed of the perturbations.
    pub seed: u64,
    /// The width of the kernel, in shares of the spending removed.
    pub kernel_width: f64,
    /// What was added to the diagonal of the normal equations; 0 unless classes were undetermined.
    pub ridge: f64,
}

/// What the customer is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Baseline {
    /// `absence`.
    pub kind: &'static str,
    /// The same in a sentence.
    pub description: &'static str,
}

/// One of the network's numbers, and where it comes from.
///
/// `value = intercept + Σ contributions + other.contribution + residual`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TargetExplanation {
    /// The output's name, or `state.0` and so on.
    pub name: String,
    /// The network's number for this customer.
    pub value: f64,
    /// The network's number for the baseline.
    pub base_value: f64,
    /// The surrogate's number when every class is removed.
    pub intercept: f64,
    /// What the surrogate misses at the customer.
    pub residual: f64,
    /// The strongest classes, by size.
    pub contributions: Vec<Contribution>,
    /// All other classes in one.
    pub other: Other,
    /// How far to trust this surrogate.
    pub fidelity: Fidelity,
}

/// What the spending in one class adds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Contribution {
    /// 1 for the largest in size.
    pub rank: usize,
    /// The class.
    pub class: String,
    /// The class as people read it.
    pub title: String,
    /// The period, at a level that has periods.
    pub period: Option<String>,
    /// The class's share of the spending in the window, 0 to 1.
    pub share: f64,
    /// The surrogate's coefficient, in the target's unit.
    pub coefficient: f64,
    /// Coefficient times presence; presence is 1.
    pub contribution: f64,
    /// The coefficient's 95 % interval over the drawing of perturbations (weighted least squares with a robust
    /// covariance, normal approximation); `null` when there are too few of them.
    pub ci95: Option<[f64; 2]>,
}

/// The classes that are not listed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Other {
    /// How many.
    pub classes: usize,
    /// Their share of the spending in the window, 0 to 1.
    pub share: f64,
    /// Their contributions' sum.
    pub contribution: f64,
}

/// Whether to trust an explanation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every surrogate meets the thresholds.
    Ok,
    /// A surrogate does not give the network's numbers well enough, or it could not be tested.
    LowFidelity,
}

/// The verdict and what it rests on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QualityRecord {
    /// Whether to trust the explanation.
    pub verdict: Verdict,
    /// A sentence for each threshold that was missed.
    pub reasons: Vec<String>,
    /// What was asked for.
    pub thresholds: Thresholds,
}

/// What a surrogate must reach.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Thresholds {
    /// The least held-out R².
    pub r2_holdout: f64,
}

/// What an explanation took, in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct TimingRecord {
    /// From the bytes to the totals.
    pub parse: f64,
    /// Waiting for the network.
    pub queue: f64,
    /// Inside the network.
    pub network: f64,
    /// Perturbing, solving and judging.
    pub surrogate: f64,
    /// From the request's arrival to here.
    pub total: f64,
}

impl From<(Timing, Duration)> for TimingRecord {
    fn from((timing, total): (Timing, Duration)) -> Self {
        Self {
            parse: milliseconds(timing.parse),
            queue: milliseconds(timing.queue),
            network: milliseconds(timing.network),
            surrogate: milliseconds(timing.surrogate),
            total: milliseconds(total),
        }
    }
}

impl Explanation {
    /// The document of some evidence; who asked and what it took are filled in by the caller.
    pub(super) fn new(
        model: &Model,
        history: History,
        options: &Options,
        policy: Policy,
        evidence: &Evidence,
    ) -> Self {
        let (from, to) = history.totals.span();
        let taxonomy = model.encoder().taxonomy();
        let targets: Vec<TargetExplanation> = (0..evidence.targets.len())
            .map(|target| explain_target(evidence, target, options, taxonomy))
            .collect();
        let now = Timestamp::now();
        Self {
            id: Uuid::nil(),
            created_at: now.round(Unit::Millisecond).unwrap_or(now).to_string(),
            schema_version: SCHEMA_VERSION,
            customer_id: history.customer_id,
            request_id: None,
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
            quality: judge(
                &targets,
                options.fidelity_target.unwrap_or(policy.fidelity_target),
            ),
            targets,
            timing_ms: TimingRecord::default(),
        }
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
            kernel_width,
            ..
        } = evidence;
        agreement(observe(
            surrogate,
            perturbations,
            values,
            target,
            *kernel_width,
            held_out,
        ))
    };
    let held_out = side(true);
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
        share: rest.iter().map(|&index| shares[index]).sum(),
        contribution: rest.iter().map(|&index| coefficients[index]).sum(),
    };
    (contributions.collect(), other)
}

fn judge(targets: &[TargetExplanation], threshold: f64) -> QualityRecord {
    let reasons: Vec<String> = targets
        .iter()
        .filter_map(|target| match target.fidelity.r2_holdout {
            Some(r2) if r2 >= threshold => None,
            Some(r2) => Some(format!("{}: held-out R² {r2:.3} is below {threshold}", target.name)),
            None => Some(format!(
                "{}: the history has too few classes to hold perturbations out and test the surrogate",
                target.name
            )),
        })
        .collect();
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
