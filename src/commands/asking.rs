//! The loop of a command that asks a model one history after the other: a line of JSON for each.

use std::process::ExitCode;

use clap::Args;
use microseg::bulk::Place;
use microseg::config::{LimitSettings, ModelSettings};
use microseg::model::{Capacity, Model};
use microseg::problem::Problem;
use serde::Serialize;

use super::Ended;
use super::histories::{Source, tell_refused};
use super::output::Lines;

/// Which histories are put to which model.
#[derive(Debug, Args)]
pub(super) struct Asking {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    models: ModelSettings,
    #[command(flatten)]
    limits: LimitSettings,
}

impl Asking {
    /// Writes a line for each history: what `answer` makes of it, or the problem with it. One history is answered
    /// after the other. The code is a failure when one of them was refused.
    pub(super) fn answer<T: Serialize>(
        &self,
        answer: &impl AsyncFn(&Model, &[u8]) -> Result<T, Problem>,
    ) -> Ended {
        let capacity = Capacity::single(self.limits.history());
        let model = self.models.load(capacity)?;
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;

        let mut lines = Lines::new();
        let mut code = ExitCode::SUCCESS;
        let mut histories = self.source.open(self.limits.max_body_bytes)?;
        let input = histories.name();
        while let Some(document) = histories.next_document()? {
            let answered = match &document.bytes {
                Ok(bytes) => runtime.block_on(answer(&model, bytes)),
                Err(problem) => Err(problem.clone()),
            };
            let read = match answered {
                Ok(answer) => lines.write(&answer)?,
                Err(problem) => {
                    tell_refused(&input, Place::Line(document.line), &problem);
                    code = ExitCode::FAILURE;
                    lines.write(&problem)?
                }
            };
            if !read {
                return Ok(code);
            }
        }
        lines.flush()?;
        Ok(code)
    }
}
