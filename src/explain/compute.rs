//! Computation of one explanation, from its options to its document.

use std::time::Instant;

use microseg_encoding::{Checkpoint, History, NumberField, Step};
use microseg_model::Model;
use microseg_reasons::Catalogue;
use microseg_timing::Timing;

use super::baseline::BaselineKind;
use super::basket;
use super::change::{self, Change};
use super::document::Explanation;
use super::error::{ExplainError, LevelFault, MethodFault};
use super::level::Level;
use super::method::{Method, MethodScope};
use super::method_options::MethodOptions;
use super::method_version::MethodVersion;
use super::options::Options;
use super::origin::Origin;
use super::part_names::{PartNames, Sequence};
use super::policy::Policy;
use super::report::{Judgement, judge, of_recourse, report};
use super::sampling_limit::SamplingLimit;
use super::subject::{BeforeAll, Reencoded, Subject};
use super::target::{Targets, has_margin};
use super::{global_linear, local, recourse};

/// Checks that a model has what is asked for, before any computation.
///
/// [`explain`] checks the same.
///
/// # Errors
/// [`ExplainError`] for what the model does not have: a level, a method, a baseline, a target or a language.
pub fn check(model: &Model, options: &Options) -> Result<(), ExplainError> {
    asked(model, options, MethodVersion::CURRENT).map(drop)
}

/// Checks that a history has what the method needs, before any computation.
///
/// [`explain`] checks the same.
///
/// # Errors
/// [`ExplainError::Method`] for a history that goes on from a state, and so has not all transactions that are needed;
/// [`ExplainError::Since`] for a moment outside of the history.
pub fn check_history(history: &History, options: &Options) -> Result<(), ExplainError> {
    let is_global = options.method.scope() == MethodScope::Global;
    match history.checkpoint() {
        Some(_) if is_global => Err(MethodFault::Continued.into()),
        _ => Ok(change::check_moment(history, options)?),
    }
}

/// Explains one history; `timing` gains what each stage took.
///
/// # Errors
/// [`ExplainError`] for what the model does not have, or the policy forbids; [`ExplainError::Run`] when the queue is full or the network fails.
pub async fn explain(
    model: &Model,
    history: History,
    options: &Options,
    policy: Policy,
    origin: Origin,
    timing: &mut Timing,
) -> Result<Explanation, ExplainError> {
    policy.check(options)?;
    let version = MethodVersion::CURRENT;
    let deadline = MethodOptions::new(options, version).deadline();
    let deadline = deadline.and_then(|after| origin.started_at.checked_add(after));
    let limit = SamplingLimit::Budget(deadline);
    let way = (policy, version);
    let judgement = find(model, &history, options, way, limit, None, timing).await?;
    Ok(report(model, history, options, judgement, origin, *timing))
}

/// Explains one history by a method that is judged by standard errors, such as `shapley`, and holds the sums that it found
/// against `seed`'s fresh coalitions.
///
/// The second part of the result is, for each target, the share of its variance over as many coalitions as `samples` that its
/// main effects and listed interactions explain, at most 1; nothing for other methods. See `docs/bundles.md` for how they are
/// drawn.
///
/// # Errors
/// As [`explain`].
pub async fn explain_and_confirm(
    model: &Model,
    history: History,
    options: &Options,
    policy: Policy,
    seed: u64,
    origin: Origin,
) -> Result<(Explanation, Vec<Option<f64>>), ExplainError> {
    policy.check(options)?;
    let way = (policy, MethodVersion::CURRENT);
    let limit = SamplingLimit::Budget(None);
    let mut timing = Timing::default();
    let found = find(
        model,
        &history,
        options,
        way,
        limit,
        Some(seed),
        &mut timing,
    );
    let mut judgement = found.await?;
    let fresh = std::mem::take(&mut judgement.fresh);
    Ok((
        report(model, history, options, judgement, origin, timing),
        fresh,
    ))
}

/// Computes and judges everything of the explanation that is the same every time; `fresh` is the seed of coalitions that it is
/// held against, if it is.
pub(super) async fn find(
    model: &Model,
    history: &History,
    options: &Options,
    (policy, version): (Policy, MethodVersion),
    limit: SamplingLimit,
    fresh: Option<u64>,
    timing: &mut Timing,
) -> Result<Judgement, ExplainError> {
    let Asked {
        targets,
        catalogue,
        baseline,
    } = asked(model, options, version)?;
    check_history(history, options)?;
    let encoder = model.encoder();
    let input_sha256 = history.digest(encoder)?;
    if options.method == Method::Recourse {
        let found = recourse::find(model, &history.totals, options, &targets, timing).await?;
        let policy = policy.with_fidelity_target(options.fidelity_target);
        let way = (policy, version);
        return Ok(of_recourse(found, options, way, catalogue, input_sha256));
    }
    let begun = Instant::now();
    let reencoder = encoder.reencoder(history);
    let transactions = reencoder
        .as_ref()
        .map(|reencoder| reencoder.transactions(history));
    let transactions = transactions.unwrap_or_default();
    let change = Change::asked(history, options)?;
    let subject = match &reencoder {
        _ if model.reads_shares_alone() => Subject::Totals(&history.totals),
        Some(reencoder) => Subject::Transactions(Reencoded {
            reencoder,
            transactions: &transactions,
            taxonomy: encoder.taxonomy(),
            before: history.checkpoint().map(|checkpoint| BeforeAll {
                checkpoint,
                is_part: takes_away(options, version),
            }),
            cut: change.and_then(Change::cut),
        }),
        None => return Err(ExplainError::NotKept),
    };
    timing.perturb += begun.elapsed();

    let policy = policy.with_fidelity_target(options.fidelity_target);
    let findings = match MethodOptions::new(options, version).local() {
        Some((method, sampling)) => {
            let task = local::Task {
                method,
                subject,
                input_sha256: &input_sha256,
                targets: &targets,
                level: options.level,
                samples: sampling.samples,
                seed: sampling.seed,
                listed: options.top.get(),
                reasons: options.reasons.get(),
                baseline,
                change,
                version,
                fidelity_target: policy.fidelity_target,
                limit,
                fresh,
            };
            local::explain(model, &task, timing).await?
        }
        None => global_linear::explain(model, subject, &targets, options.level, timing).await?,
    };

    let begun = Instant::now();
    let steps = history.inputs().steps();
    let fields = encoder.declaration().number_fields();
    let before = history.checkpoint().map_or(0, Checkpoint::steps);
    let of_network = Sequence {
        transactions: &transactions,
        steps,
        before: usize::try_from(before).unwrap_or(usize::MAX),
    };
    let names = PartNames::new(encoder.taxonomy(), &history.totals, of_network, &fields);
    let judgement = judge(
        &findings,
        &targets,
        options,
        (policy, version),
        &names,
        catalogue,
        input_sha256,
    );
    timing.judge += begun.elapsed();
    Ok(judgement)
}

/// The parts of the model that are asked for.
struct Asked<'a> {
    targets: Targets,
    catalogue: &'a Catalogue,
    baseline: BaselineKind,
}

fn asked<'a>(
    model: &'a Model,
    options: &Options,
    version: MethodVersion,
) -> Result<Asked<'a>, ExplainError> {
    let baseline = check_way(model, options, version)?;
    let targets =
        Targets::find(&options.target, model, version).ok_or_else(|| ExplainError::Target {
            segment: if has_margin(model) { "segment, " } else { "" },
            last_state: model.manifest().hidden_size() - 1,
            outputs: model.output_names().join(", "),
        })?;
    let catalogue = model.reasons(&options.language.0);
    let catalogue = catalogue.ok_or_else(|| ExplainError::Language {
        languages: model.languages().collect::<Vec<_>>().join(", "),
    })?;
    Ok(Asked {
        targets,
        catalogue,
        baseline,
    })
}

/// Whether the parts are transactions that are taken away.
fn takes_away(options: &Options, version: MethodVersion) -> bool {
    let baselines = MethodOptions::new(options, version).baselines();
    options.level != Level::Field && baselines.contains(&BaselineKind::Absence)
}

/// Checks method and level, and finds the baseline.
fn check_way(
    model: &Model,
    options: &Options,
    version: MethodVersion,
) -> Result<BaselineKind, ExplainError> {
    let declaration = model.manifest().declaration();
    let has_events = declaration.step() == Step::Event;
    let is_unrolled = has_events || model.reads_shares_alone();
    if options.method.scope() == MethodScope::Global && !is_unrolled {
        return Err(MethodFault::OtherNumbers.into());
    }
    if matches!(options.level, Level::Event | Level::Field) && !has_events {
        return Err(LevelFault::Periods.into());
    }
    if options.level == Level::Field {
        check_fields(&declaration.number_fields(), options.method)?;
    }
    let baselines = MethodOptions::new(options, version).baselines().iter();
    let possible: Vec<BaselineKind> = baselines
        .copied()
        .filter(|&kind| basket::is_known(kind, model))
        .collect();
    let chosen = match options.baseline {
        Some(asked) => possible.iter().find(|&&kind| kind == asked.kind()),
        None => possible.first(),
    };
    let chosen = chosen.copied().ok_or_else(|| ExplainError::Baseline {
        method: options.method.computed(version),
        possible: possible.iter().map(|kind| kind.name()).collect(),
    })?;
    change::check(options, chosen)?;
    recourse::check(model, options)?;
    Ok(chosen)
}

/// Checks that a method has something to change in the fields that a network reads.
fn check_fields(fields: &[NumberField], method: Method) -> Result<(), LevelFault> {
    let has_quantity = fields.iter().any(|field| field.is_quantity);
    match method {
        _ if fields.is_empty() => Err(LevelFault::NoNumbers),
        Method::Sensitivity if !has_quantity => Err(LevelFault::NoQuantities),
        _ => Ok(()),
    }
}
