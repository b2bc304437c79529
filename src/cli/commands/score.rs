//! `microseg score`: a scoring, or a problem, for each customer of files and tables.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use indicatif::HumanCount;
use microseg_bulk::{BulkError, BulkRun, Format, Input, OutputFormat, RunSettings, Shard};
use microseg_config::{LimitSettings, ModelSettings};
use microseg_model::Capacity;

use crate::outcome::CommandResult;
use crate::output;
use crate::progress::{INTERRUPTED, RunProgress};
use crate::table_options::TableOptions;
use crate::threads;

/// The default size of a part in a folder: large, so that there are not too many files.
const PART_BYTES: u64 = 64 << 20;

/// The default size of a unit of a stream: smaller, since its reader waits, but with enough histories for full batches.
const STREAM_BYTES: u64 = 16 << 20;

/// Scorings of one thread that may wait for the network at once.
const QUEUE: usize = 1_024;

/// Arguments of `microseg score`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Files, patterns in quotes such as 'tables/*.parquet', folders of part files, or - for standard input
    #[arg(value_name = "FILE|-", required = true)]
    files: Vec<String>,
    /// The format: ndjson (one history in each line), csv or parquet (one transaction in each row) [default: by the
    /// extension of each file; ndjson where it is unknown]
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// Write parts into this folder; parts that an earlier run has finished are skipped [default: standard output]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// The format of the parts: ndjson, or parquet with a flat row for each customer
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "ndjson",
        requires = "out"
    )]
    to: OutputFormat,
    /// The aimed bytes of input for each part [default: 67108864; to standard output, units of 16777216 are scored at once]
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u64).range(1..))]
    part_bytes: Option<u64>,
    /// Score only a share of the parts: 2/4 is the second of four processes that write into the same folder
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
    tables: TableOptions,
    #[command(flatten, next_help_heading = "Options")]
    models: ModelSettings,
    #[command(flatten)]
    limits: LimitSettings,
}

/// Scores every customer; exits with 1 when one of them was refused.
pub(crate) fn run(arguments: &Arguments) -> CommandResult {
    let inputs = Input::find(&arguments.files, arguments.format)?;
    let piped = inputs.iter().any(|input| input.path().is_none());
    if piped && arguments.shard.is_one_of_several() {
        return Err("--shard: standard input cannot be divided among processes".into());
    }
    arguments.tables.check(&inputs)?;
    let threads = threads::count(arguments.threads);
    let capacity = Capacity {
        threads,
        queue: QUEUE * threads,
        ..Capacity::single(arguments.limits.history())
    };
    let model = arguments.models.load(capacity)?;
    let settings = RunSettings {
        table: arguments.tables.settings(model.encoder())?,
        line_bytes: u64::from(arguments.limits.max_body_bytes),
        held_bytes: arguments.limits.held_bytes(),
        threads,
    };
    let progress = RunProgress::new(piped);
    let part_bytes = |default| arguments.part_bytes.unwrap_or(default);
    let run = BulkRun {
        model: &model,
        inputs: &inputs,
        settings: &settings,
        part_bytes: part_bytes(match arguments.out {
            Some(_) => PART_BYTES,
            None => STREAM_BYTES,
        }),
        observer: &progress,
    };
    let result = match &arguments.out {
        Some(folder) => {
            let handled = progress.handle_signals();
            handled.map_err(|error| format!("signals cannot be handled: {error}"))?;
            into_folder(&run, folder, arguments, &progress)
        }
        None => into_stream(&run, &progress),
    };
    progress.finish();
    match result {
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

/// Writes to standard output; gives the number of refused customers.
fn into_stream(run: &BulkRun<'_>, progress: &RunProgress) -> Result<u64, BulkError> {
    let mut stream = output::stdout();
    match run.write_to(&mut stream) {
        // The reader has closed the pipe, as `| head` does: no error.
        Err(BulkError::Write(error)) if error.kind() == ErrorKind::BrokenPipe => {}
        result => result?,
    }
    Ok(progress.refused_customers())
}

/// Writes parts into a folder; gives the number of refused customers.
fn into_folder(
    run: &BulkRun<'_>,
    folder: &Path,
    arguments: &Arguments,
    progress: &RunProgress,
) -> Result<u64, BulkError> {
    let summary = run.write_parts(folder, arguments.to, arguments.shard)?;
    progress.finish();
    eprintln!(
        "microseg: {} in {} of {}; {} there before",
        counted(summary.customers, "customer"),
        counted(summary.parts, "part"),
        folder.display(),
        HumanCount(summary.found),
    );
    Ok(summary.refused)
}

fn counted(count: u64, name: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {name}{plural}", HumanCount(count))
}
