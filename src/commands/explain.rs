//! `microseg explain`: an explanation, or a problem, for each history.

use std::time::Instant;

use clap::Args;
use microseg::config::ExplanationSettings;
use microseg::explain::{Level, Method, Options, Origin};
use microseg::model::Model;
use microseg::problem::Problem;
use microseg::timing::Timing;
use uuid::Uuid;

use super::Ended;
use super::asking::Asking;

/// What `microseg explain` takes. A history may say what is asked in its own `explain` member, as over HTTP.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    asking: Asking,
    #[command(flatten)]
    explanations: ExplanationSettings,
    /// What to explain: traits, state, segment, one of the outputs, or state.0 and so on; the histories' own wish by default
    #[arg(long, value_name = "NAME")]
    target: Option<String>,
    /// How to explain it: lime, kernel-shap, sensitivity or global-linear; the histories' own wish by default
    #[arg(long, value_name = "NAME")]
    method: Option<Method>,
    /// What one coefficient stands for: class, period or cell; the histories' own wish by default
    #[arg(long, value_name = "NAME")]
    level: Option<Level>,
}

/// Explains every history; exits with 1 when one of them was refused.
pub(crate) fn run(arguments: &Arguments) -> Ended {
    let policy = arguments.explanations.policy();
    arguments
        .asking
        .answer(&async |model: &Model, bytes: &[u8]| {
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
            if let Some(target) = &arguments.target {
                options.target.0.clone_from(target);
            }
            options.method = arguments.method.unwrap_or(options.method);
            options.level = arguments.level.unwrap_or(options.level);
            let explanation =
                microseg::explain::explain(model, history, &options, policy, origin, &mut timing)
                    .await;
            explanation.map_err(Problem::from)
        })
}
