//! `microseg explain`: an explanation, or a problem, for each history.

use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use microseg_bulk::Position;
use microseg_config::{ExplanationSettings, LimitSettings, ModelSettings};
use microseg_explain::{AskedTarget, Explanation, Level, Method, Options, Origin};
use microseg_model::{Capacity, Model};
use microseg_problem::Problem;
use microseg_timing::Timing;
use uuid::Uuid;

use crate::histories::HistorySource;
use crate::outcome::CommandResult;
use crate::output::JsonLines;
use crate::progress::report_refusal;

/// Arguments of `microseg explain`. A history may have options in its own `explain` member, as over HTTP.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    source: HistorySource,
    #[command(flatten)]
    models: ModelSettings,
    #[command(flatten)]
    limits: LimitSettings,
    #[command(flatten)]
    explanations: ExplanationSettings,
    /// What to explain: traits, state, segment, one of the outputs, or state.0 and so on; by default as each history says
    #[arg(long, value_name = "NAME")]
    target: Option<String>,
    /// The method: shapley, lime, sensitivity, global-linear, change or recourse; by default as each history says
    #[arg(long, value_name = "NAME")]
    method: Option<Method>,
    /// What one coefficient is for: class, period, cell, or event or field where steps are events; by default as each history says
    #[arg(long, value_name = "NAME")]
    level: Option<Level>,
}

/// Explains one history after the other; exits with 1 when one of them was refused.
pub(crate) fn run(arguments: &Arguments) -> CommandResult {
    let capacity = Capacity::single(arguments.limits.history());
    let model = arguments.models.load(capacity)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;

    let mut lines = JsonLines::new();
    let mut code = ExitCode::SUCCESS;
    let mut histories = arguments.source.open(arguments.limits.max_body_bytes)?;
    let input = histories.name();
    while let Some(document) = histories.next_document()? {
        let explained = match &document.bytes {
            Ok(bytes) => runtime.block_on(arguments.explain(&model, bytes)),
            Err(problem) => Err(problem.clone()),
        };
        let is_open = match explained {
            Ok(explanation) => lines.write(&explanation)?,
            Err(problem) => {
                report_refusal(&input, Position::Line(document.line), &problem);
                code = ExitCode::FAILURE;
                lines.write(&problem)?
            }
        };
        if !is_open {
            return Ok(code);
        }
    }
    lines.flush()?;
    Ok(code)
}

impl Arguments {
    async fn explain(&self, model: &Model, bytes: &[u8]) -> Result<Explanation, Problem> {
        let origin = Origin {
            id: Uuid::now_v7(),
            request_id: None,
            started_at: Instant::now(),
        };
        let mut timing = Timing::default();
        let read = model.encoder().read_with::<Options>(bytes, "explain");
        let (history, options) = read.map_err(Problem::from)?;
        timing.parse = origin.started_at.elapsed();
        let mut options = options.unwrap_or_default();
        if let Some(target) = &self.target {
            options.target = AskedTarget::Name(target.clone());
        }
        options.method = self.method.unwrap_or(options.method);
        options.level = self.level.unwrap_or(options.level);
        let policy = self.explanations.policy();
        let explanation =
            microseg_explain::explain(model, history, &options, policy, origin, &mut timing).await;
        explanation.map_err(Problem::from)
    }
}
