//! Report of an explanation: from findings to the document that a caller reads.

use jiff::{Timestamp, Unit};
use serde::Serialize;

use super::baseline::Baseline;
use super::document::{
    CatalogueRecord, Explanation, Input, MethodRecord, OF_TOTALS, OF_TRANSACTIONS, QualityRecord,
    Runtime, Window,
};
use super::findings::{Drawing, Findings};
use super::method_version::MethodVersion;
use super::options::Options;
use super::origin::Origin;
use super::part_names::PartNames;
use super::policy::Policy;
use super::quality::Verdict;
use super::recourse::{Recourse, RecourseStatus};
use super::target::Targets;
use super::target_context::Context;
use super::target_explanation::TargetExplanation;
use super::{earlier_verdict, verdict};
use microseg_encoding::History;
use microseg_model::Model;
use microseg_reasons::Catalogue;
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
    #[serde(skip_serializing_if = "Option::is_none")]
    recourse: Option<Recourse>,
    quality: QualityRecord,
    /// The share of each target's variance over fresh coalitions that its sum explains; no part of a record.
    #[serde(skip)]
    pub(super) fresh: Vec<Option<f64>>,
}

/// Ranks the contributions, adds everything up and compares every surrogate with the thresholds of `policy`.
pub(super) fn judge(
    findings: &Findings,
    targets: &Targets,
    options: &Options,
    (policy, version): (Policy, MethodVersion),
    names: &PartNames<'_>,
    catalogue: &Catalogue,
    input_sha256: String,
) -> Judgement {
    let drawing = findings.drawing.as_ref();
    let stopped_by = drawing.map(|drawing| drawing.stopped_by);
    let scope = options.method.scope();
    let context = Context {
        findings,
        options,
        policy,
        version,
        names,
        catalogue,
    };
    let models = targets.names().zip(&findings.models);
    let targets: Vec<TargetExplanation> = models
        .map(|(name, model)| context.explain_target(name, model))
        .collect();
    Judgement {
        input_sha256,
        method: MethodRecord {
            pruned: findings.pruned,
            before_token: findings.before_token,
            since: findings.cut.map(|cut| names.since(cut)),
            ..method_record(options, version, drawing)
        },
        baseline: findings.baseline.clone(),
        reasons_catalogue: catalogue_record(catalogue),
        recourse: None,
        quality: match version {
            MethodVersion::One => {
                let untested = untested(findings, names);
                earlier_verdict::verdict(&targets, &untested, scope, stopped_by, policy)
            }
            MethodVersion::Two => verdict::of_all(&targets, scope, stopped_by, policy),
        },
        targets,
        fresh: findings.fresh.clone(),
    }
}

/// A recourse, in the same envelope: each of its answers was checked on the network, so there is no doubt to be measured.
pub(super) fn of_recourse(
    recourse: Recourse,
    options: &Options,
    (policy, version): (Policy, MethodVersion),
    catalogue: &Catalogue,
    input_sha256: String,
) -> Judgement {
    let mut quality = verdict::of_all(&[], options.method.scope(), None, policy);
    quality.verdict = Verdict::Ok;
    if recourse.status == RecourseStatus::NotFound {
        let text = "no change of spending within the budget was found; the search is no proof that there is none";
        quality.reasons.push(text.to_owned());
    }
    Judgement {
        input_sha256,
        method: method_record(options, version, None),
        baseline: Baseline::OWN_LAST_PERIOD,
        reasons_catalogue: catalogue_record(catalogue),
        targets: Vec::new(),
        recourse: Some(recourse),
        quality,
        fresh: Vec::new(),
    }
}

fn catalogue_record(catalogue: &Catalogue) -> CatalogueRecord {
    CatalogueRecord {
        version: catalogue.version().to_owned(),
        language: catalogue.language().to_owned(),
        sha256: catalogue.sha256().to_owned(),
    }
}

/// A sentence for each part that could hardly be tested, as the first version of the methods has it.
fn untested(findings: &Findings, names: &PartNames<'_>) -> Vec<String> {
    let untested = findings.untested.iter().map(|untested| {
        let part = names.phrase(untested.part);
        if untested.is_far {
            format!("{part}: so large a share that what it adds could hardly be tested near this customer")
        } else {
            format!("{part}: too few held-out perturbations are without it to test what it adds")
        }
    });
    untested.collect()
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
        recourse: judgement.recourse,
        quality: judgement.quality,
        timing_ms: (timing, origin.started_at.elapsed()).into(),
    }
}

fn method_record(
    options: &Options,
    version: MethodVersion,
    drawing: Option<&Drawing>,
) -> MethodRecord {
    MethodRecord {
        name: options.method.computed(version),
        version: version.number(),
        scope: options.method.scope(),
        level: options.level,
        samples_requested: drawing.map(|drawing| drawing.samples_requested),
        samples_used: drawing.map(|drawing| drawing.samples_used),
        stopped_by: drawing.map(|drawing| drawing.stopped_by),
        seed: drawing.map(|drawing| drawing.seed),
        kernel_width: drawing.and_then(|drawing| drawing.kernel_width),
        ridge: drawing.map(|drawing| drawing.ridge),
        since: None,
        pruned: None,
        before_token: None,
    }
}
