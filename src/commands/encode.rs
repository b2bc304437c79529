//! `microseg encode`: the network's input for each history, through the encoder that the server uses.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use microseg::config::LimitSettings;
use microseg::encoding::{Encoder, History, PeriodKind};
use microseg::history::{Identifier, Taxonomy};
use microseg::problem::Problem;
use microseg::simulation::REFERENCE_TAXONOMY;
use serde::Serialize;

use super::Ended;
use super::histories::Source;
use super::output::Lines;

/// What `microseg encode` takes.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    limits: LimitSettings,
    /// The taxonomy.csv to encode by [default: the reference model's]
    #[arg(long, value_name = "FILE")]
    taxonomy: Option<PathBuf>,
    /// How long one step is: year, quarter or month
    #[arg(long, value_name = "KIND", default_value = "year")]
    period: PeriodKind,
    /// How many periods to look back
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

/// Encodes every history. A population with a bad line is no population to train on: the first one ends the command.
pub(crate) fn run(arguments: &Arguments) -> Ended {
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
    let mut lines = Lines::new();
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
