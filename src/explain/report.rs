//! Report of an explanation: from findings to the document that a caller reads.

use jiff::{Timestamp, Unit};
use serde::Serialize;

use super::baseline::Baseline;
use super::document::{
    CatalogueRecord, Explanation, Input, MethodRecord, OF_TOTALS, OF_TRANSACTIONS, QualityRecord,
    Runtime, Window,
};
use super::fidelity::{Fidelity, is_rounding};
use super::findings::{Drawing, Findings, LinearModel};
use super::level::Level;
use super::options::Options;
use super::origin::Origin;
use super::part::Part;
use super::part_names::PartNames;
use super::policy::Policy;
use super::stability::by_size;
use super::target::Targets;
use super::target_explanation::{Contribution, Folded, Other, TargetExplanation};
use super::verdict::verdict;
use microseg_encoding::History;
use microseg_model::Model;
use microseg_reasons::{Catalogue, Cause, Effect, Reason};
use microseg_runtime::LIBTORCH_VERSION;
use microseg_timing::Timing;

/// The surrogates of each target, how they were made, and whether to trust them: all that is the same every time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Judgement {
    #[serde(skip)]
    input_sha256: String,
    method: MethodRecord,
    baseline: Baseline,
    reasons_catalogue: CatalogueRecord,
    targets: Vec<TargetExplanation>,
    quality: QualityRecord,
}

/// Ranks the contributions, adds everything up and compares every surrogate with the thresholds of `policy`.
pub(super) fn judge(
    findings: &Findings,
    targets: &Targets,
    options: &Options,
    policy: Policy,
    names: &PartNames<'_>,
    catalogue: &Catalogue,
    input_sha256: String,
) -> Judgement {
    let models = targets.names().zip(&findings.models);
    let targets: Vec<TargetExplanation> = models
        .map(|(name, model)| {
            explain_target(name, model, &findings.parts, options, names, catalogue)
        })
        .collect();
    let untested: Vec<String> = findings
        .untested
        .iter()
        .map(|untested| {
            let part = names.phrase(untested.part);
            if untested.is_far {
                format!("{part}: so large a share that what it adds could hardly be tested near this customer")
            } else {
                format!("{part}: too few held-out perturbations are without it to test what it adds")
            }
        })
        .collect();
    let drawing = findings.drawing.as_ref();
    let stopped_by = drawing.map(|drawing| drawing.stopped_by);
    let scope = options.method.scope();
    Judgement {
        input_sha256,
        method: MethodRecord {
            pruned: findings.pruned,
            before_token: findings.before_token,
            ..method_record(options, drawing)
        },
        baseline: findings.baseline.clone(),
        reasons_catalogue: CatalogueRecord {
            version: catalogue.version().to_owned(),
            language: catalogue.language().to_owned(),
            sha256: catalogue.sha256().to_owned(),
        },
        quality: verdict(&targets, &untested, scope, stopped_by, policy),
        targets,
    }
}

/// The programs that compute explanations of a model.
pub(super) fn runtime(model: &Model) -> Runtime {
    let identity = model.runtime();
    Runtime {
        service: concat!("microseg ", env!("CARGO_PKG_VERSION")),
        libtorch: LIBTORCH_VERSION,
        backend: identity.backend,
        version: identity.version.clone(),
        device: identity.device.clone(),
    }
}

/// The document of an explanation.
pub(super) fn report(
    model: &Model,
    history: History,
    options: &Options,
    judgement: Judgement,
    origin: Origin,
    timing: Timing,
) -> Explanation {
    let (from, to) = history.totals.span();
    let now = Timestamp::now();
    Explanation {
        id: origin.id,
        created_at: now.round(Unit::Millisecond).unwrap_or(now),
        schema_version: if model.reads_shares_alone() {
            OF_TOTALS
        } else {
            OF_TRANSACTIONS
        },
        customer_id: history.customer_id,
        request_id: origin.request_id,
        model: model.identity().clone(),
        runtime: runtime(model),
        input: Input {
            sha256: judgement.input_sha256,
            transactions: history.quality.transactions,
            window: Window {
                from: from.to_string(),
                to: to.to_string(),
            },
            time_zone: history.totals.time_zone().name().map(str::to_owned),
            quality: history.quality,
        },
        options: options.clone(),
        method: judgement.method,
        baseline: judgement.baseline,
        reasons_catalogue: judgement.reasons_catalogue,
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
        samples_requested: drawing.map(|drawing| drawing.samples_requested),
        samples_used: drawing.map(|drawing| drawing.samples_used),
        stopped_by: drawing.map(|drawing| drawing.stopped_by),
        seed: drawing.map(|drawing| drawing.seed),
        kernel_width: drawing.and_then(|drawing| drawing.kernel_width),
        ridge: drawing.map(|drawing| drawing.ridge),
        pruned: None,
        before_token: None,
    }
}

fn explain_target(
    name: &str,
    model: &LinearModel,
    parts: &[Part],
    options: &Options,
    names: &PartNames<'_>,
    catalogue: &Catalogue,
) -> TargetExplanation {
    let order = ranked(model, parts);
    let listed = &order[..options.top.get().min(order.len())];
    let contributions: Vec<Contribution> = listed
        .iter()
        .enumerate()
        .map(|(place, &index)| contribution(place + 1, model, parts, index, names))
        .collect();
    let other = other(model, parts, listed, options.level);
    let explained = model.surrogate.intercept
        + contributions
            .iter()
            .map(|one| one.contribution)
            .sum::<f64>()
        + other.contribution;
    let residual = model.value - explained;
    let is_noticeable = |index: &&usize| {
        let change = match &model.counterfactuals {
            Some(counterfactuals) => counterfactuals[**index] - model.value,
            None => model.surrogate.coefficients[**index],
        };
        !is_rounding(change, model.value)
    };
    let is_spending = |index: &&usize| parts[**index].is_spending;
    let strongest = order.iter().filter(is_spending).filter(is_noticeable);
    let reason = |&index: &usize| {
        let cause = cause(name, model, parts, index, names);
        catalogue.reason(&cause)
    };
    let reasons: Vec<Reason> = strongest.take(options.reasons.get()).map(reason).collect();
    TargetExplanation {
        name: name.to_owned(),
        segment: model.segment.clone(),
        value: model.value,
        base_value: model.base_value,
        intercept: model.surrogate.intercept,
        residual,
        contributions,
        other,
        fidelity: Fidelity::new(model.surrogate.measures, residual),
        stability: model.surrogate.stability,
        reasons,
    }
}

/// The parts that have a name, strongest first; those of one size stay in the order of periods and of the taxonomy.
fn ranked(model: &LinearModel, parts: &[Part]) -> Vec<usize> {
    let mut order = by_size(&model.surrogate.coefficients);
    order.retain(|&index| parts[index].has_name());
    order
}

fn contribution(
    rank: usize,
    model: &LinearModel,
    parts: &[Part],
    index: usize,
    names: &PartNames<'_>,
) -> Contribution {
    let (part, coefficient) = (parts[index], model.surrogate.coefficients[index]);
    let class = names.class(part);
    Contribution {
        rank,
        class: class.as_ref().and_then(|class| class.id).map(str::to_owned),
        title: class.map(|class| class.title.to_owned()),
        period: names.period(part).map(str::to_owned),
        event: names.event(part),
        field: names.field(part).map(str::to_owned),
        share: part.share,
        coefficient,
        contribution: coefficient,
        ci95: model
            .surrogate
            .margins
            .as_ref()
            .map(|margins| [coefficient - margins[index], coefficient + margins[index]]),
    }
}

/// All parts that are not listed, in one.
fn other(model: &LinearModel, parts: &[Part], listed: &[usize], level: Level) -> Other {
    let mut is_listed = vec![false; parts.len()];
    for &index in listed {
        is_listed[index] = true;
    }
    let mut holds = 0;
    let (mut share, mut contribution) = (0.0, 0.0);
    let all = parts
        .iter()
        .zip(&model.surrogate.coefficients)
        .zip(is_listed);
    for ((part, coefficient), _) in all.filter(|(_, listed)| !listed) {
        holds += part.holds;
        share += part.share;
        contribution += coefficient;
    }
    Other {
        folded: match level {
            Level::Class => Folded::Classes(holds),
            Level::Period => Folded::Periods(holds),
            Level::Cell => Folded::Cells(holds),
            Level::Event => Folded::Events(holds),
            Level::Field => Folded::Fields(holds),
        },
        share,
        contribution,
    }
}

fn cause<'a>(
    target: &'a str,
    model: &LinearModel,
    parts: &[Part],
    index: usize,
    names: &'a PartNames<'_>,
) -> Cause<'a> {
    let part = parts[index];
    let effect = match &model.counterfactuals {
        Some(counterfactuals) => Effect::Counterfactual {
            value: model.value,
            counterfactual: counterfactuals[index],
        },
        None => Effect::Adds(model.surrogate.coefficients[index]),
    };
    Cause {
        class: names.class(part).and_then(|class| class.id),
        period: names.period(part),
        target,
        share: part.share,
        effect,
    }
}
