//! `microseg model validate`: how explanations of a bundle fare, by type of simulated customer.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;
use indicatif::ProgressBar;
use microseg_build::add_validation;
use microseg_history::Limits;
use microseg_model::{Capacity, Model, Validation};
use microseg_validation::{
    Journal, ValidationError, ValidationObserver, ValidationSettings, validate,
};

use crate::outcome::CommandResult;
use crate::output;
use crate::progress::{INTERRUPTED, handle_signals, progress_style};
use crate::threads;

/// Arguments of `microseg model validate`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The folder of one version, with its manifest.json
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// How many simulated customers of each type
    #[arg(
        long,
        value_name = "COUNT",
        default_value = "100",
        value_parser = clap::value_parser!(u64).range(1..=1_000_000),
    )]
    customers: u64,
    /// The seed of the customers and of the fresh coalitions: the same seed gives the same table
    #[arg(long, value_name = "NUMBER", default_value = "20")]
    seed: u64,
    /// Explanations that are computed at once [default: one for each processor]
    #[arg(
        long,
        value_name = "COUNT",
        env = "MICROSEG_THREADS",
        value_parser = clap::value_parser!(u16).range(1..=1024),
    )]
    threads: Option<u16>,
}

/// Progress on standard error, and the signals that interrupt.
struct Progress {
    bar: ProgressBar,
    interrupted: Arc<AtomicBool>,
}

/// Computes the table, writes it into the bundle, and prints it.
pub(super) fn run(arguments: &Arguments) -> CommandResult {
    // The bundle is exchanged by its name in the folder above.
    let place = arguments.directory.canonicalize();
    let place = place.map_err(|error| format!("{}: {error}", arguments.directory.display()))?;
    let threads = threads::count(arguments.threads);
    let model = Model::load(
        &place,
        Capacity {
            threads,
            queue: threads,
            ..Capacity::single(Limits::default())
        },
    )?;
    let mut journal = Journal::open(Journal::path_of(&place))?;
    let progress = Progress {
        bar: ProgressBar::new(0).with_style(progress_style("{pos} of {len} customers, {per_sec}")),
        interrupted: Arc::default(),
    };
    let handled = handle_signals(progress.interrupted.clone());
    handled.map_err(|error| format!("signals cannot be handled: {error}"))?;
    let settings = ValidationSettings {
        customers: arguments.customers,
        seed: arguments.seed,
        threads,
    };
    let result = validate(&model, settings, &mut journal, &progress);
    progress.bar.finish_and_clear();
    let validation = match result {
        Err(error @ ValidationError::Interrupted) => {
            eprintln!("microseg: {error}");
            return Ok(ExitCode::from(INTERRUPTED));
        }
        result => result?,
    };
    add_validation(&place, &validation)?;
    journal.remove()?;
    output::print(&text(
        &arguments.directory.display().to_string(),
        &validation,
    ))
}

/// The table for a terminal.
fn text(name: &str, validation: &Validation) -> String {
    let mut text = format!(
        "{name} is validated: {} customers of each type, explained by {}\n",
        validation.customers, validation.method
    );
    let widest = validation.rows.iter().map(|row| row.customers.len()).max();
    let widest = widest.unwrap_or_default();
    let percent = |share: f64| format!("{:.1} %", 100.0 * share);
    for row in &validation.rows {
        let verdicts = row.verdicts.named().into_iter();
        let verdicts = verdicts.filter(|(_, share)| *share > 0.0);
        let verdicts: Vec<String> = verdicts
            .map(|(name, share)| format!("{} {}", percent(share), name.replace('_', " ")))
            .collect();
        let confirmed = row
            .confirmed
            .map(|share| format!("; {} confirmed", percent(share)));
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{:widest$}  {:6}  {}{}",
            row.customers,
            row.level,
            verdicts.join(", "),
            confirmed.unwrap_or_default(),
        );
    }
    text
}

impl ValidationObserver for Progress {
    fn planned(&self, customers: u64, done_before: u64) {
        self.bar.set_length(customers);
        self.bar.set_position(done_before);
        // What was done before took no time now.
        self.bar.reset_eta();
        if done_before > 0 {
            self.bar.suspend(|| {
                eprintln!("microseg: {done_before} of {customers} customers were explained before");
            });
        }
    }

    fn done(&self) {
        self.bar.inc(1);
    }

    fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }
}
