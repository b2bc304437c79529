//! `microseg encode`: the network's input for each history, by the encoder that the server uses.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use microseg_config::LimitSettings;
use microseg_encoding::{Encoder, History, PeriodKind};
use microseg_history::{Identifier, Taxonomy};
use microseg_problem::Problem;
use microseg_simulation::REFERENCE_TAXONOMY;
use serde::Serialize;

use crate::histories::HistorySource;
use crate::outcome::CommandResult;
use crate::output::JsonLines;

/// Arguments of `microseg encode`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    source: HistorySource,
    #[command(flatten)]
    limits: LimitSettings,
    /// The taxonomy.csv with the classes [default: that of the reference model]
    #[arg(long, value_name = "FILE")]
    taxonomy: Option<PathBuf>,
    /// The length of a period: year, quarter or month
    #[arg(long, value_name = "KIND", default_value = "year")]
    period: PeriodKind,
    /// The number of periods in the window
    #[arg(long, value_name = "COUNT", default_value = "6")]
    window: NonZeroUsize,
}

/// The network's input for one customer.
#[derive(Serialize)]
struct Encoded {
    customer_id: Option<Identifier>,
    periods: Vec<String>,
    /// `[T][K]`
    profile: Vec<Vec<f32>>,
}

/// Encodes every history. The first invalid line ends the command: a population to train on must be complete.
pub(crate) fn run(arguments: &Arguments) -> CommandResult {
    let taxonomy = match &arguments.taxonomy {
        Some(file) => {
            let fault = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
            let text = std::fs::read_to_string(file).map_err(|error| fault(&error))?;
            Taxonomy::from_csv(&text).map_err(|error| fault(&error))?
        }
        None => Taxonomy::from_csv(REFERENCE_TAXONOMY)?,
    };
    let limits = arguments.limits.history();
    let encoder = Encoder::new(
        Arc::new(taxonomy),
        arguments.period,
        arguments.window.get(),
        limits,
    );
    let mut lines = JsonLines::new();
    let mut histories = arguments.source.open(arguments.limits.max_body_bytes)?;
    while let Some(document) = histories.next_document()? {
        let fault = |problem: Problem| format!("line {}: {}", document.line, problem.detail());
        let bytes = document.bytes.map_err(fault)?;
        let history = encoder.read(bytes).map_err(|error| fault(error.into()))?;
        if !lines.write(&Encoded::from(history))? {
            return Ok(ExitCode::SUCCESS);
        }
    }
    lines.flush()?;
    Ok(ExitCode::SUCCESS)
}

impl From<History> for Encoded {
    fn from(history: History) -> Self {
        let profile = history.totals.profile();
        Self {
            periods: history
                .totals
                .periods()
                .map(|(period, _)| period.to_string())
                .collect(),
            profile: profile
                .shares()
                .rows()
                .into_iter()
                .map(|row| row.to_vec())
                .collect(),
            customer_id: history.customer_id,
        }
    }
}
