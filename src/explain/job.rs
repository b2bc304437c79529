//! One explanation from its options to its document.

use std::time::Instant;

use super::document::Explanation;
use super::part::Names;
use super::report::{judge, report};
use super::target::Targets;
use super::{Method, Options, Policy, global, local};
use crate::history::History;
use crate::model::{Model, RunError};
use crate::timing::Timing;

/// Who asked, and since when the answer is awaited.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The request that asked; `None` on the command line.
    pub request_id: Option<String>,
    /// When it came in.
    pub started_at: Instant,
}

/// Why there is no explanation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExplainError {
    /// The model has no number of this name.
    #[error("expected traits, state, state.0 to state.{last_state}, or one of: {outputs}")]
    Target {
        /// H - 1.
        last_state: usize,
        /// The names of the network's outputs.
        outputs: String,
    },
    /// The method has no coefficients at this level.
    #[error("lime has the level class alone; global-linear has class, period and cell")]
    Level,
    /// The network could not be run.
    #[error(transparent)]
    Run(#[from] RunError),
}

/// Explains one history; `timing` gains what queue, network and surrogate took.
///
/// # Errors
/// [`ExplainError::Target`] for a target that the model does not have; [`ExplainError::Level`] for a level that the
/// method does not have; [`ExplainError::Run`] when the queue is full or the network fails.
pub async fn explain(
    model: &Model,
    history: History,
    options: &Options,
    policy: Policy,
    origin: Origin,
    timing: &mut Timing,
) -> Result<Explanation, ExplainError> {
    let targets = Targets::find(&options.target, model).ok_or_else(|| ExplainError::Target {
        last_state: model.manifest().hidden_size - 1,
        outputs: model.output_names().join(", "),
    })?;
    if !options.method.has(options.level) {
        return Err(ExplainError::Level);
    }

    let begun = Instant::now();
    let taxonomy = model.encoder().taxonomy();
    let totals = &history.totals;
    let input_sha256 = totals.digest(taxonomy);
    timing.surrogate += begun.elapsed();

    let findings = match options.method {
        Method::Lime => {
            let spending = totals.spending();
            local::explain(model, spending, &input_sha256, &targets, options, timing).await?
        }
        Method::GlobalLinear => {
            global::explain(model, totals, &targets, options.level, timing).await?
        }
    };

    let begun = Instant::now();
    let names = Names::new(taxonomy, totals);
    let judgement = judge(&findings, &targets, options, policy, &names);
    timing.surrogate += begun.elapsed();
    Ok(report(
        model,
        history,
        input_sha256,
        judgement,
        origin,
        *timing,
    ))
}
