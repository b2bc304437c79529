//! The report: from findings to the document that a caller reads.

use jiff::{Timestamp, Unit};
use uuid::Uuid;

use super::document::{
    Baseline, Contribution, Explanation, Folded, Input, MethodRecord, Other, QualityRecord,
    Runtime, SCHEMA_VERSION, TargetExplanation, Window,
};
use super::fidelity::Fidelity;
use super::findings::{Drawing, Findings, LinearModel};
use super::part::{Names, Part};
use super::target::Targets;
use super::verdict::verdict;
use super::{Level, Method, Options, Origin, Policy};
use crate::history::History;
use crate::model::{LIBTORCH_VERSION, Model};
use crate::timing::Timing;

/// What the surrogates say of each target, how they were made, and whether to trust them.
pub(super) struct Judgement {
    method: MethodRecord,
    targets: Vec<TargetExplanation>,
    quality: QualityRecord,
}

/// Ranks the contributions, adds everything up and holds every surrogate against the threshold.
pub(super) fn judge(
    findings: &Findings,
    targets: &Targets,
    options: &Options,
    policy: Policy,
    names: &Names<'_>,
) -> Judgement {
    let models = targets.names().zip(&findings.models);
    let targets: Vec<TargetExplanation> = models
        .map(|(name, model)| explain_target(name, model, &findings.parts, options, names))
        .collect();
    let threshold = options.fidelity_target.unwrap_or(policy.fidelity_target);
    let untested: Vec<String> = findings
        .untested
        .iter()
        .map(|&part| names.phrase(part))
        .collect();
    Judgement {
        method: method_record(options, findings.drawing.as_ref()),
        quality: verdict(&targets, &untested, options.method.scope(), threshold),
        targets,
    }
}

/// Puts it all into the document.
pub(super) fn report(
    model: &Model,
    history: History,
    input_sha256: String,
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
            sha256: input_sha256,
            transactions: history.quality.transactions,
            window: Window {
                from: from.to_string(),
                to: to.to_string(),
            },
            quality: history.quality,
        },
        baseline: Baseline {
            kind: "absence",
            description: absence(judgement.method.name),
        },
        method: judgement.method,
        targets: judgement.targets,
        quality: judgement.quality,
        timing_ms: (timing, origin.started_at.elapsed()).into(),
    }
}

fn method_record(options: &Options, drawing: Option<&Drawing>) -> MethodRecord {
    MethodRecord {
        name: options.method,
        scope: options.method.scope(),
        level: options.level,
        samples_requested: drawing.map(|_| options.samples),
        samples_used: drawing.map(|drawing| drawing.samples_used),
        seed: drawing.map(|drawing| drawing.seed),
        kernel_width: drawing.map(|drawing| drawing.kernel_width),
        ridge: drawing.map(|drawing| drawing.ridge),
    }
}

/// What a customer is compared with.
fn absence(method: Method) -> &'static str {
    match method {
        Method::Lime => "no spending at all in the same periods",
        Method::GlobalLinear => {
            "no spending at all in the same periods: each share counts from zero, while the others stay as they are"
        }
    }
}

fn explain_target(
    name: &str,
    model: &LinearModel,
    parts: &[Part],
    options: &Options,
    names: &Names<'_>,
) -> TargetExplanation {
    let (contributions, other) = rank(model, parts, options, names);
    let explained = model.intercept
        + contributions
            .iter()
            .map(|one| one.contribution)
            .sum::<f64>()
        + other.contribution;
    let residual = model.value - explained;
    TargetExplanation {
        name: name.to_owned(),
        value: model.value,
        base_value: model.base_value,
        intercept: model.intercept,
        residual,
        contributions,
        other,
        fidelity: Fidelity::new(model.measures, residual),
    }
}

/// The strongest parts, as many as were asked for, and the rest in one.
fn rank(
    model: &LinearModel,
    parts: &[Part],
    options: &Options,
    names: &Names<'_>,
) -> (Vec<Contribution>, Other) {
    let coefficients = &model.coefficients;
    let mut order: Vec<usize> = (0..coefficients.len()).collect();
    // A stable sort: parts of one size stay in the order of periods and of the taxonomy.
    order.sort_by(|&one, &other| {
        coefficients[other]
            .abs()
            .total_cmp(&coefficients[one].abs())
    });
    let (listed, rest) = order.split_at(options.top.min(order.len()));

    let contributions = listed.iter().enumerate().map(|(place, &index)| {
        let (part, coefficient) = (parts[index], coefficients[index]);
        let class = names.class(part);
        Contribution {
            rank: place + 1,
            class: class.map(|class| class.id.clone()),
            title: class.map(|class| class.title.clone()),
            period: names.period(part).map(str::to_owned),
            share: part.share,
            coefficient,
            contribution: coefficient,
            ci95: model
                .margins
                .as_ref()
                .map(|margins| [coefficient - margins[index], coefficient + margins[index]]),
        }
    });
    let other = Other {
        folded: match options.level {
            Level::Class => Folded::Classes(rest.len()),
            Level::Period => Folded::Periods(rest.len()),
            Level::Cell => Folded::Cells(rest.len()),
        },
        share: sum(rest.iter().map(|&index| parts[index].share)),
        contribution: sum(rest.iter().map(|&index| coefficients[index])),
    };
    (contributions.collect(), other)
}

/// The sum of nothing is 0; an iterator's own is -0.
fn sum(numbers: impl Iterator<Item = f64>) -> f64 {
    numbers.fold(0.0, |sum, number| sum + number)
}
