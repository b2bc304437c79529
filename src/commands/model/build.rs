//! `microseg model build`: from a network and histories to a bundle.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use microseg::build::{BuildConfig, Builder, Comparison};
use microseg::bulk::Document;
use microseg::config::LimitSettings;
use microseg::encoding::{History, PeriodKind};
use microseg::problem::Problem;

use crate::commands::Ended;
use crate::commands::histories::Source;

/// What `microseg model build` takes.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    source: Source,
    /// The TorchScript network: forward(x [B,T,K], h [L,B,H], c [L,B,H]) -> (states [B,T,H], outputs [B,T,O], h, c)
    #[arg(long, value_name = "FILE")]
    network: PathBuf,
    /// The taxonomy.csv whose classes are the network's input, in its order
    #[arg(long, value_name = "FILE")]
    taxonomy: PathBuf,
    /// The model's name: a-z, 0-9 and hyphens
    #[arg(long, value_name = "NAME")]
    name: String,
    /// The version, a whole number
    #[arg(long, value_name = "NUMBER", default_value = "1")]
    version: u32,
    /// The folder of models: the bundle becomes DIR/NAME/VERSION
    #[arg(long, value_name = "DIR", default_value = "models")]
    into: PathBuf,
    /// Replace the bundle that is there
    #[arg(long)]
    replace: bool,
    /// How long one step of the network is: year, quarter or month
    #[arg(long, value_name = "KIND", default_value = "year")]
    period: PeriodKind,
    /// How many periods the model looks back
    #[arg(long, value_name = "COUNT", default_value = "6")]
    window: usize,
    /// The names of the outputs, with commas [default: the taxonomy's traits, if there are as many]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    outputs: Vec<String>,
    /// The layers of the LSTM, where its parameters do not tell
    #[arg(long, value_name = "COUNT")]
    layers: Option<usize>,
    /// The dimensions of the state, where the LSTM's parameters do not tell
    #[arg(long, value_name = "COUNT")]
    hidden_size: Option<usize>,
    /// Golden cases as PyTorch gave them [default: made by this libtorch]
    #[arg(long, value_name = "FILE")]
    golden: Option<PathBuf>,
    /// The model card's text, above the tables that are added to it
    #[arg(long, value_name = "FILE")]
    card: Option<PathBuf>,
    /// Another network of this signature whose states are clustered for comparison; may be given several times
    #[arg(long, value_name = "LABEL=FILE", value_parser = comparison)]
    compare: Vec<Comparison>,
    /// Planted co-spending to look for in the surrogate, as CSV: class, output, expected
    #[arg(long, value_name = "FILE")]
    relations: Option<PathBuf>,
    /// What to write down about the network's origin; may be given several times
    #[arg(long, value_name = "KEY=VALUE", value_parser = entry)]
    provenance: Vec<(String, String)>,
    /// The seed of samples and starts: the same one gives the same bundle
    #[arg(long, value_name = "NUMBER", default_value = "1")]
    seed: u64,
    #[command(flatten)]
    limits: LimitSettings,
}

type Fault = Box<dyn std::error::Error + Send + Sync>;

/// Makes the bundle. A population with a bad line is no population: the first one ends the command.
pub(super) fn run(arguments: &Arguments) -> Ended {
    let builder = Builder::new(arguments.config(), arguments.limits.history())?;
    let mut documents = arguments.source.open(arguments.limits.max_body_bytes)?;
    // A file has a bar of its own; what comes through a pipe is counted.
    let counter = if arguments.source.is_file() {
        ProgressBar::hidden()
    } else {
        ProgressBar::new_spinner().with_style(style("{spinner} {human_pos} histories, {per_sec}"))
    };
    let histories = std::iter::from_fn(|| {
        counter.inc(1);
        let document = documents.next_document().map_err(Fault::from);
        let read = |document| read(&builder, document);
        Some(document.transpose()?.and_then(read))
    });
    let stages = ProgressBar::new(0).with_style(style("{spinner} {msg} {bar:30} {elapsed}"));
    let place = builder.build::<Fault>(histories, &stages)?;
    stages.finish_and_clear();
    println!("{} is built and checked", place.display());
    Ok(ExitCode::SUCCESS)
}

fn read(builder: &Builder, document: Document<'_>) -> Result<History, Fault> {
    let fault = |problem: &Problem| format!("line {}: {}", document.line, problem.detail());
    let bytes = document.bytes.map_err(|problem| fault(&problem))?;
    let history = builder.encoder().read(bytes);
    Ok(history.map_err(|error| fault(&Problem::from(error)))?)
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

impl Arguments {
    fn config(&self) -> BuildConfig {
        BuildConfig {
            name: self.name.clone(),
            version: self.version,
            models: self.into.clone(),
            replace: self.replace,
            network: self.network.clone(),
            taxonomy: self.taxonomy.clone(),
            golden: self.golden.clone(),
            card: self.card.clone(),
            period: self.period,
            window: self.window,
            outputs: self.outputs.clone(),
            layers: self.layers,
            hidden_size: self.hidden_size,
            comparisons: self.compare.clone(),
            relations: self.relations.clone(),
            provenance: self
                .provenance
                .iter()
                .map(|(key, value)| (key.clone(), value.clone().into()))
                .collect(),
            seed: self.seed,
        }
    }
}

fn comparison(text: &str) -> Result<Comparison, String> {
    let (label, file) = entry(text)?;
    Ok(Comparison {
        label,
        file: file.into(),
    })
}

fn entry(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("expected two parts with = between them".to_owned()),
    }
}
