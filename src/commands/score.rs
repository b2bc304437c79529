//! `microseg score`: a scoring, or a problem, for each customer of files and tables.

use std::io::{self, ErrorKind};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;

use clap::Args;
use indicatif::HumanCount;
use microseg::bulk::{Bulk, BulkError, Format, Input, OutputFormat, Settings, Shard};
use microseg::config::{LimitSettings, ModelSettings};
use microseg::model::Capacity;

use super::Ended;
use super::tables::Tables;
use super::watching::{INTERRUPTED, Watching};

/// Parts in a folder are large, so that there are not too many files.
const PART_BYTES: u64 = 64 << 20;

/// Units of a stream are smaller, since whoever reads it waits; but they hold enough histories to run together.
const STREAM_BYTES: u64 = 16 << 20;

/// Requests of one thread that may wait for the network at once.
const QUEUE: usize = 1_024;

/// What `microseg score` takes.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Files, patterns in quotes such as 'tables/*.parquet', or - for standard input
    #[arg(value_name = "FILE|-", required = true)]
    files: Vec<String>,
    /// ndjson (one history a line), csv or parquet (one transaction a row) [default: by the extension of each file;
    /// where that says nothing, ndjson]
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// Write parts into this folder, and leave alone those that a run before has finished [default: standard output]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write parts as ndjson, or as parquet with one flat row for each customer
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "ndjson",
        requires = "out"
    )]
    to: OutputFormat,
    /// About how many bytes of input become one part [default: 67108864; to standard output 16777216 are scored at once]
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u64).range(1..))]
    part_bytes: Option<u64>,
    /// Do only a share of the parts: 2/4 is the second of four processes that write into the same folder
    #[arg(long, value_name = "I/N", default_value_t, requires = "out")]
    shard: Shard,
    /// Threads that read, score and write [default: one for each processor]
    #[arg(
        long,
        value_name = "COUNT",
        env = "MICROSEG_THREADS",
        value_parser = clap::value_parser!(u16).range(1..=1024),
    )]
    threads: Option<u16>,
    #[command(flatten)]
    tables: Tables,
    #[command(flatten, next_help_heading = "Options")]
    models: ModelSettings,
    #[command(flatten)]
    limits: LimitSettings,
}

/// Scores every customer; exits with 1 when one of them was refused.
pub(crate) fn run(arguments: &Arguments) -> Ended {
    let inputs = Input::find(&arguments.files, arguments.format)?;
    let piped = inputs.iter().any(|input| input.path().is_none());
    if piped && arguments.shard.is_one_of_several() {
        return Err("--shard: what comes through standard input cannot be shared".into());
    }
    let settings = Settings {
        table: arguments.tables.settings(&inputs)?,
        line_bytes: u64::from(arguments.limits.max_body_bytes),
        held_bytes: arguments.limits.held_bytes(),
        threads: arguments.threads.map_or_else(
            || thread::available_parallelism().map_or(1, NonZeroUsize::get),
            usize::from,
        ),
    };
    let capacity = Capacity {
        threads: settings.threads,
        queue: QUEUE * settings.threads,
        batch_steps: usize::try_from(Capacity::BATCH_STEPS).unwrap_or(usize::MAX),
        limits: arguments.limits.history(),
    };
    let model = arguments.models.load(capacity)?;
    let watching = Watching::new(piped);
    let part_bytes = |default| arguments.part_bytes.unwrap_or(default);
    let bulk = Bulk {
        model: &model,
        inputs: &inputs,
        settings: &settings,
        part_bytes: part_bytes(match arguments.out {
            Some(_) => PART_BYTES,
            None => STREAM_BYTES,
        }),
        watch: &watching,
    };
    let ended = match &arguments.out {
        Some(folder) => into_folder(&bulk, folder, arguments, &watching),
        None => into_stream(&bulk, &watching),
    };
    watching.end();
    match ended {
        Ok(0) => Ok(ExitCode::SUCCESS),
        Ok(refused) => {
            eprintln!("microseg: {} refused", counted(refused, "customer"));
            Ok(ExitCode::FAILURE)
        }
        Err(error @ BulkError::Interrupted) => {
            eprintln!("microseg: {error}");
            Ok(ExitCode::from(INTERRUPTED))
        }
        Err(error) => Err(error.into()),
    }
}

/// Gives how many were refused.
fn into_stream(bulk: &Bulk<'_>, watching: &Watching) -> Result<u64, BulkError> {
    let mut stream = io::stdout().lock();
    match bulk.write_to(&mut stream) {
        // Nobody reads any more, as behind `| head`: time to end in peace.
        Err(BulkError::Write(error)) if error.kind() == ErrorKind::BrokenPipe => {}
        ended => ended?,
    }
    Ok(watching.refused_customers())
}

fn into_folder(
    bulk: &Bulk<'_>,
    folder: &Path,
    arguments: &Arguments,
    watching: &Watching,
) -> Result<u64, BulkError> {
    watching.heed_signals().map_err(|source| BulkError::File {
        path: folder.to_owned(),
        source,
    })?;
    let outcome = bulk.write_parts(folder, arguments.to, arguments.shard)?;
    watching.end();
    eprintln!(
        "microseg: {} in {} of {}; {} there before",
        counted(outcome.customers, "customer"),
        counted(outcome.parts, "part"),
        folder.display(),
        HumanCount(outcome.found),
    );
    Ok(outcome.refused)
}

fn counted(count: u64, name: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {name}{plural}", HumanCount(count))
}
