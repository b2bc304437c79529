//! Computation of one explanation, from its options to its document.

use std::time::Instant;

use microseg_encoding::{History, Totals};
use microseg_model::{Model, RunError};
use microseg_problem::{Problem, ProblemKind};
use microseg_reasons::Catalogue;
use microseg_timing::Timing;

use super::document::Explanation;
use super::method_options::MethodOptions;
use super::options::Options;
use super::origin::Origin;
use super::part_names::PartNames;
use super::policy::Policy;
use super::report::{Judgement, judge, report};
use super::sampling_limit::SamplingLimit;
use super::target::{Targets, has_margin};
use super::{global_linear, local};

/// Why there is no explanation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExplainError {
    /// The model has no number of this name.
    #[error("expected traits, state, {segment}state.0 to state.{last_state}, or one of: {outputs}")]
    Target {
        /// `segment, ` for a model with several micro-segments.
        segment: &'static str,
        /// H - 1.
        last_state: usize,
        /// The names of the network's outputs.
        outputs: String,
    },
    /// The bundle has no reasons in this language.
    #[error("expected a language that the model has reasons in: {languages}")]
    Language {
        /// Those that it has.
        languages: String,
    },
    /// The network reads something else than shares of spending.
    #[error(
        "the model reads other inputs than shares of periods: its numbers cannot be explained by this version"
    )]
    Inputs,
    /// The network could not be run.
    #[error(transparent)]
    Run(#[from] RunError),
}

/// Checks that a model has what is asked for, before any computation.
///
/// [`explain`] checks the same.
///
/// # Errors
/// [`ExplainError::Inputs`], [`ExplainError::Target`] and [`ExplainError::Language`] for what the model does not have.
pub fn check(model: &Model, options: &Options) -> Result<(), ExplainError> {
    asked(model, options).map(drop)
}

/// Explains one history; `timing` gains what each stage took.
///
/// # Errors
/// [`ExplainError::Target`] and [`ExplainError::Language`] for what the model does not have; [`ExplainError::Run`] when
/// the queue is full or the network fails.
pub async fn explain(
    model: &Model,
    history: History,
    options: &Options,
    policy: Policy,
    origin: Origin,
    timing: &mut Timing,
) -> Result<Explanation, ExplainError> {
    let deadline = MethodOptions::from(options).deadline();
    let deadline = deadline.and_then(|after| origin.started_at.checked_add(after));
    let limit = SamplingLimit::Budget(deadline);
    let judgement = find(model, &history.totals, options, policy, limit, timing).await?;
    Ok(report(model, history, options, judgement, origin, *timing))
}

/// Computes and judges everything of the explanation that is the same every time.
pub(super) async fn find(
    model: &Model,
    totals: &Totals,
    options: &Options,
    policy: Policy,
    limit: SamplingLimit,
    timing: &mut Timing,
) -> Result<Judgement, ExplainError> {
    let (targets, catalogue) = asked(model, options)?;
    let begun = Instant::now();
    let taxonomy = model.encoder().taxonomy();
    let input_sha256 = totals.digest(taxonomy);
    timing.perturb += begun.elapsed();

    let policy = policy.with_fidelity_target(options.fidelity_target);
    let findings = match MethodOptions::from(options).local() {
        Some((method, sampling)) => {
            let task = local::Task {
                method,
                totals,
                input_sha256: &input_sha256,
                targets: &targets,
                level: options.level,
                samples: sampling.samples,
                seed: sampling.seed,
                listed: options.top.get(),
                fidelity_target: policy.fidelity_target,
                limit,
            };
            local::explain(model, &task, timing).await?
        }
        None => global_linear::explain(model, totals, &targets, options.level, timing).await?,
    };

    let begun = Instant::now();
    let names = PartNames::new(taxonomy, totals);
    let judgement = judge(
        &findings,
        &targets,
        options,
        policy,
        &names,
        catalogue,
        input_sha256,
    );
    timing.judge += begun.elapsed();
    Ok(judgement)
}

/// The parts of the model that are asked for: targets, and the catalogue of reasons.
fn asked<'a>(
    model: &'a Model,
    options: &Options,
) -> Result<(Targets, &'a Catalogue), ExplainError> {
    if !model.reads_shares_alone() {
        return Err(ExplainError::Inputs);
    }
    let targets = Targets::find(&options.target.0, model).ok_or_else(|| ExplainError::Target {
        segment: if has_margin(model) { "segment, " } else { "" },
        last_state: model.manifest().hidden_size() - 1,
        outputs: model.output_names().join(", "),
    })?;
    let catalogue = model.reasons(&options.language.0);
    let catalogue = catalogue.ok_or_else(|| ExplainError::Language {
        languages: model.languages().collect::<Vec<_>>().join(", "),
    })?;
    Ok((targets, catalogue))
}

impl From<ExplainError> for Problem {
    fn from(error: ExplainError) -> Self {
        match error {
            ExplainError::Target { .. } => Self::at(
                ProblemKind::InvalidContent,
                "/explain/target",
                error.to_string(),
            ),
            ExplainError::Language { .. } => Self::at(
                ProblemKind::InvalidContent,
                "/explain/language",
                error.to_string(),
            ),
            ExplainError::Inputs => {
                Self::at(ProblemKind::InvalidContent, "/explain", error.to_string())
            }
            ExplainError::Run(error) => error.into(),
        }
    }
}
