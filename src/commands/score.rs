//! `microseg score`: a scoring, or a problem, for each history.

use clap::Args;
use microseg::config::{LimitSettings, ModelSettings};
use microseg::model::Model;
use microseg::problem::Problem;
use microseg::timing::Timing;

use super::Ended;
use super::histories::Source;
use super::model::Answering;

/// What `microseg score` takes.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    models: ModelSettings,
    #[command(flatten)]
    limits: LimitSettings,
}

/// Scores every history; exits with 1 when one of them was refused.
pub(crate) fn run(arguments: &Arguments) -> Ended {
    let answering = Answering::load(&arguments.models, &arguments.limits)?;
    answering.answer(
        &arguments.source,
        &arguments.limits,
        &async |model: &Model, bytes: &[u8]| {
            let history = model.encoder().read(bytes).map_err(Problem::from)?;
            let scoring = microseg::scoring::score(model, history, &mut Timing::default()).await;
            scoring.map_err(Problem::from)
        },
    )
}
