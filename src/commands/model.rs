//! `microseg model`: models on disk; and the loop of the commands that ask one.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use microseg::config::{LimitSettings, ModelSettings};
use microseg::history::Limits;
use microseg::model::{Capacity, Model};
use microseg::problem::Problem;
use serde::Serialize;

use super::Ended;
use super::histories::Source;
use super::output::Lines;

/// What `microseg model` can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Load a bundle with every check: checksums, shapes, golden cases; exit code 0 or 1
    Check {
        /// The folder of one version, with its manifest.json
        #[arg(value_name = "DIR")]
        directory: PathBuf,
    },
}

/// Runs a command on a bundle.
pub(crate) fn run(command: &Command) -> Ended {
    let Command::Check { directory } = command;
    let capacity = Capacity {
        threads: 1,
        queue: 1,
        limits: Limits::default(),
    };
    let model = Model::load(directory, capacity)?;
    let (identity, manifest) = (model.identity(), model.manifest());
    println!(
        "{} version {} is sound: {} classes, {} states, {} outputs, sha256 {}",
        identity.name,
        identity.version,
        manifest.classes.len(),
        manifest.hidden_size,
        manifest.outputs.len(),
        identity.sha256,
    );
    Ok(ExitCode::SUCCESS)
}

/// A loaded model and the runtime to await its answers on.
pub(super) struct Answering {
    model: Model,
    runtime: tokio::runtime::Runtime,
}

impl Answering {
    /// Loads the model that is meant, on one thread: histories are answered one after the other.
    pub(super) fn load(
        models: &ModelSettings,
        limits: &LimitSettings,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let capacity = Capacity {
            threads: 1,
            queue: 1,
            limits: limits.history(),
        };
        let model = Model::load(&models.bundle()?, capacity)?;
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        Ok(Self { model, runtime })
    }

    /// Writes a line for each history: what `answer` makes of it, or the problem with it.
    pub(super) fn answer<T: Serialize>(
        &self,
        source: &Source,
        limits: &LimitSettings,
        answer: &impl AsyncFn(&Model, &[u8]) -> Result<T, Problem>,
    ) -> Ended {
        let mut lines = Lines::new();
        let mut code = ExitCode::SUCCESS;
        for document in source.open(limits.max_body_bytes)? {
            let document = document?;
            let read = match self.runtime.block_on(answer(&self.model, &document.bytes)) {
                Ok(answer) => lines.write(&answer)?,
                Err(problem) => {
                    eprintln!("microseg: line {}: {}", document.line, problem.detail());
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
