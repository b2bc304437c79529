//! One explanation from its options to its document.

use microseg_problem::{Problem, ProblemKind};
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::division::Names;
use super::document::Explanation;
use super::limit::Limit;
use super::local::{Design, Question};
use super::report::{Judgement, judge, report};
use super::target::{Targets, has_margin};
use super::{Method, Options, Policy, global, local};
use microseg_encoding::{History, Totals};
use microseg_model::{Model, RunError};
use microseg_reasons::Catalogue;
use microseg_timing::Timing;

/// Who asked, and since when the answer is awaited.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The explanation's id.
    pub id: Uuid,
    /// The request that asked; `None` on the command line.
    pub request_id: Option<String>,
    /// When it came in.
    pub started_at: Instant,
}

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
    /// The network could not be run.
    #[error(transparent)]
    Run(#[from] RunError),
}

/// Says whether a model can answer what is asked; [`explain`] finds out too, but after some work.
///
/// # Errors
/// [`ExplainError::Target`] and [`ExplainError::Language`] for what the model does not have.
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
    let deadline = options.deadline_ms.map(Duration::from_millis);
    let limit = Limit::Budget(deadline.and_then(|after| origin.started_at.checked_add(after)));
    let judgement = find(model, &history.totals, options, policy, limit, timing).await?;
    Ok(report(model, history, options, judgement, origin, *timing))
}

/// Finds and judges what the explanation will say.
pub(super) async fn find(
    model: &Model,
    totals: &Totals,
    options: &Options,
    policy: Policy,
    limit: Limit,
    timing: &mut Timing,
) -> Result<Judgement, ExplainError> {
    let (targets, catalogue) = asked(model, options)?;
    let begun = Instant::now();
    let taxonomy = model.encoder().taxonomy();
    let input_sha256 = totals.digest(taxonomy);
    timing.perturb += begun.elapsed();

    let design = match options.method {
        Method::Lime => Some(Design::Presence),
        Method::KernelShap => Some(Design::Coalitions),
        Method::Sensitivity => Some(Design::Scalings),
        Method::GlobalLinear => None,
    };
    let findings = match design {
        Some(design) => {
            let question = Question {
                design,
                totals,
                input_sha256: &input_sha256,
                targets: &targets,
                options,
                fidelity_target: options.fidelity_target.unwrap_or(policy.fidelity_target),
                limit,
            };
            local::explain(model, &question, timing).await?
        }
        None => global::explain(model, totals, &targets, options.level, timing).await?,
    };

    let begun = Instant::now();
    let names = Names::new(taxonomy, totals);
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

/// What of the model is asked for: its numbers, and its words for them.
fn asked<'a>(
    model: &'a Model,
    options: &Options,
) -> Result<(Targets, &'a Catalogue), ExplainError> {
    let targets = Targets::find(&options.target, model).ok_or_else(|| ExplainError::Target {
        segment: if has_margin(model) { "segment, " } else { "" },
        last_state: model.manifest().hidden_size - 1,
        outputs: model.output_names().join(", "),
    })?;
    let catalogue = model.reasons(&options.language);
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
            ExplainError::Run(error) => error.into(),
        }
    }
}
