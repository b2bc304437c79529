//! `microseg encode`: the network's input for each history, by the encoder that the server uses.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use microseg_config::LimitSettings;
use microseg_encoding::{
    Encoder, FieldsDocument, History, InputDeclaration, InputsDocument, PeriodKind,
    SequenceDocument,
};
use microseg_history::{Identifier, Taxonomy};
use microseg_problem::Problem;
use microseg_simulation::REFERENCE_TAXONOMY;
use serde::{Deserialize, Serialize};

use crate::histories::HistorySource;
use crate::outcome::{BoxError, CommandResult};
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
    /// A file with `sequence`, `inputs` and `fields` as in the description network.json: encodes the numbers and categories that
    /// it declares instead of shares
    #[arg(long, value_name = "FILE", conflicts_with_all = ["period", "window"])]
    description: Option<PathBuf>,
    /// The length of a period: year, quarter or month
    #[arg(long, value_name = "KIND", default_value = "year")]
    period: PeriodKind,
    /// The number of periods in the window
    #[arg(long, value_name = "COUNT", default_value = "6")]
    window: NonZeroUsize,
}

/// What a network reads, as it stands in its description. Before the training there is no network, so nothing is said of it.
#[derive(Deserialize)]
struct DescriptionDocument {
    sequence: SequenceDocument,
    #[serde(default)]
    fields: FieldsDocument,
    inputs: InputsDocument,
}

/// The network's input for one customer.
#[derive(Serialize)]
#[serde(untagged)]
enum Encoded {
    /// The shares of spending.
    Shares {
        customer_id: Option<Identifier>,
        periods: Vec<String>,
        /// `[T][K]`
        profile: Vec<Vec<f32>>,
    },
    /// What a description declares.
    Declared {
        customer_id: Option<Identifier>,
        /// `[T][N]`
        numbers: Vec<Vec<f32>>,
        /// `[T][C]`
        #[serde(skip_serializing_if = "Vec::is_empty")]
        categories: Vec<Vec<i64>>,
    },
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
    let encoder = encoder(arguments, taxonomy)?;
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

/// The encoder of the shares, or of what the description declares.
fn encoder(arguments: &Arguments, taxonomy: Taxonomy) -> Result<Encoder, BoxError> {
    let limits = arguments.limits.history();
    let taxonomy = Arc::new(taxonomy);
    let Some(file) = &arguments.description else {
        let window = arguments.window.get();
        return Ok(Encoder::new(taxonomy, arguments.period, window, limits));
    };
    let declaration =
        declaration(file, &taxonomy).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(Encoder::with_inputs(taxonomy, declaration, limits))
}

fn declaration(file: &Path, taxonomy: &Taxonomy) -> Result<InputDeclaration, BoxError> {
    let DescriptionDocument {
        sequence,
        fields,
        inputs,
    } = serde_json::from_slice(&std::fs::read(file)?)?;
    let classes = taxonomy.classes().iter().map(|class| class.id.clone());
    let classes: Vec<String> = classes.collect();
    Ok(InputDeclaration::new(sequence, fields, inputs, &classes)?)
}

impl From<History> for Encoded {
    fn from(history: History) -> Self {
        let Some(inputs) = history.declared_inputs() else {
            let profile = history.totals.profile();
            let periods = history.totals.periods();
            return Self::Shares {
                periods: periods.map(|(period, _)| period.to_string()).collect(),
                profile: profile
                    .shares()
                    .rows()
                    .into_iter()
                    .map(|row| row.to_vec())
                    .collect(),
                customer_id: history.customer_id,
            };
        };
        let categories = inputs.categories.rows().into_iter();
        Self::Declared {
            numbers: inputs
                .numbers
                .rows()
                .into_iter()
                .map(|row| row.to_vec())
                .collect(),
            categories: categories
                .map(|row| row.to_vec())
                .filter(|row| !row.is_empty())
                .collect(),
            customer_id: history.customer_id,
        }
    }
}
