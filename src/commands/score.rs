//! `microseg score`: a scoring, or a problem, for each history.

use clap::Args;
use microseg::model::Model;
use microseg::problem::Problem;
use microseg::timing::Timing;

use super::Ended;
use super::asking::Asking;

/// What `microseg score` takes.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    asking: Asking,
}

/// Scores every history; exits with 1 when one of them was refused.
pub(crate) fn run(arguments: &Arguments) -> Ended {
    arguments
        .asking
        .answer(&async |model: &Model, bytes: &[u8]| {
            let history = model.encoder().read(bytes).map_err(Problem::from)?;
            let scoring = microseg::scoring::score(model, history, &mut Timing::default()).await;
            scoring.map_err(Problem::from)
        })
}
