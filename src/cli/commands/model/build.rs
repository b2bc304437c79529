//! `microseg model build`: a bundle from a network and histories.

use std::path::PathBuf;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use microseg_build::{BuildConfig, Builder, Comparison, NetworkSource, Published, SharesNetwork};
use microseg_bulk::JsonDocument;
use microseg_config::LimitSettings;
use microseg_encoding::{History, PeriodKind};
use microseg_problem::Problem;

use crate::histories::HistorySource;
use crate::outcome::{BoxError, CommandResult};
use crate::output;

/// Arguments of `microseg model build`.
#[derive(Debug, Args)]
#[allow(
    rustdoc::broken_intra_doc_links,
    reason = "brackets are shapes in the help"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    source: HistorySource,
    /// The TorchScript network: forward(x [B,T,K], h [L,B,H], c [L,B,H]) -> (states [B,T,H], outputs [B,T,O], h, c)
    #[arg(long, value_name = "FILE", required_unless_present = "description")]
    network: Option<PathBuf>,
    /// The description network.json of a network that reads anything else, which names the network's file, its steps, inputs,
    /// recurrent state and outputs
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["network", "period", "window", "outputs", "layers", "hidden_size"],
    )]
    description: Option<PathBuf>,
    /// The taxonomy.csv with the classes of the network's input, in their order
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
    /// The length of a period, which is one step of the network: year, quarter or month
    #[arg(long, value_name = "KIND", default_value = "year")]
    period: PeriodKind,
    /// The number of periods in the window
    #[arg(long, value_name = "COUNT", default_value = "6")]
    window: usize,
    /// The names of the outputs, separated by commas [default: the taxonomy's traits, if their number is that of the outputs]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    outputs: Vec<String>,
    /// The layers of the LSTM, where they do not follow from its parameters
    #[arg(long, value_name = "COUNT")]
    layers: Option<usize>,
    /// The dimensions of the state, where they do not follow from the LSTM's parameters
    #[arg(long, value_name = "COUNT")]
    hidden_size: Option<usize>,
    /// Golden cases from PyTorch [default: made by this libtorch]
    #[arg(long, value_name = "FILE")]
    golden: Option<PathBuf>,
    /// The text of the model card, to which tables are appended
    #[arg(long, value_name = "FILE")]
    card: Option<PathBuf>,
    /// Another network of the same signature, whose states are clustered for comparison; may be given several times
    #[arg(long, value_name = "LABEL=FILE", value_parser = comparison)]
    compare: Vec<Comparison>,
    /// Planted co-spending to look for in the surrogate, as CSV: class, output, expected
    #[arg(long, value_name = "FILE")]
    relations: Option<PathBuf>,
    /// An entry about the origin of the network; may be given several times
    #[arg(long, value_name = "KEY=VALUE", value_parser = entry)]
    provenance: Vec<(String, String)>,
    /// The seed of samples and starts: the same seed gives the same bundle
    #[arg(long, value_name = "NUMBER", default_value = "1")]
    seed: u64,
    #[command(flatten)]
    limits: LimitSettings,
}

/// Builds the bundle. The first invalid line ends the command: the population must be complete.
pub(super) fn run(arguments: &Arguments) -> CommandResult {
    let builder = Builder::new(arguments.config(), arguments.limits.history())?;
    let mut documents = arguments.source.open(arguments.limits.max_body_bytes)?;
    // A file has a progress bar; histories of standard input are counted.
    let counter = if arguments.source.is_file() {
        ProgressBar::hidden()
    } else {
        ProgressBar::new_spinner().with_style(style("{spinner} {human_pos} histories, {per_sec}"))
    };
    let histories = std::iter::from_fn(|| {
        counter.inc(1);
        let document = documents.next_document().map_err(BoxError::from);
        let read = |document| read(&builder, document);
        Some(document.transpose()?.and_then(read))
    });
    let stages = ProgressBar::new(0).with_style(style("{spinner} {msg} {bar:30} {elapsed}"));
    let Published {
        place,
        encoding_is_verified,
    } = builder.build::<BoxError>(histories, &stages)?;
    stages.finish_and_clear();
    let verified = output::of_encoding(encoding_is_verified);
    output::print(&format!(
        "{} is built and checked{verified}\n",
        place.display()
    ))
}

fn read(builder: &Builder, document: JsonDocument<'_>) -> Result<History, BoxError> {
    let fault = |problem: &Problem| format!("line {}: {}", document.line, problem.detail());
    let bytes = document.bytes.map_err(|problem| fault(&problem))?;
    let history = builder.encoder().read(bytes);
    Ok(history.map_err(|error| fault(&Problem::from(error)))?)
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

impl Arguments {
    fn network(&self) -> NetworkSource {
        if let Some(description) = &self.description {
            return NetworkSource::Described(description.clone());
        }
        NetworkSource::Shares(SharesNetwork {
            file: self.network.clone().unwrap_or_default(),
            period: self.period,
            window: self.window,
            outputs: self.outputs.clone(),
            layers: self.layers,
            hidden_size: self.hidden_size,
        })
    }

    fn config(&self) -> BuildConfig {
        BuildConfig {
            name: self.name.clone(),
            version: self.version,
            models: self.into.clone(),
            replace: self.replace,
            network: self.network(),
            taxonomy: self.taxonomy.clone(),
            golden: self.golden.clone(),
            card: self.card.clone(),
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
