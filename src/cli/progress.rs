//! Progress on standard error: bars, refusals, and the observer of a bulk run, which signals interrupt.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::{process, thread};

use indicatif::{HumanCount, ProgressBar, ProgressState, ProgressStyle};
use microseg_bulk::{Position, RunObserver};
use microseg_problem::Problem;
use tokio::signal::unix::{SignalKind, signal};

use crate::output::printable;

/// The exit code after Ctrl-C, as shells use it.
pub(crate) const INTERRUPTED: u8 = 130;

/// Observer of a bulk run: a progress bar with the counts of customers and refusals.
pub(crate) struct RunProgress {
    bar: ProgressBar,
    customers: Arc<AtomicU64>,
    refused: AtomicU64,
    interrupted: Arc<AtomicBool>,
}

impl RunProgress {
    /// Makes a bar, or a count where the length of the input is unknown.
    pub(crate) fn new(piped: bool) -> Self {
        let customers = Arc::new(AtomicU64::default());
        let (counted, timed) = (customers.clone(), customers.clone());
        let style = if piped {
            ProgressStyle::with_template("{spinner} {customers}, {rate}, {bytes}")
                .unwrap_or_else(|_| ProgressStyle::default_spinner())
        } else {
            progress_style("{customers}, {rate}, {bytes} of {total_bytes}")
        };
        let count = move |_: &ProgressState, to: &mut dyn std::fmt::Write| {
            let customers = HumanCount(counted.load(Ordering::Relaxed));
            let _ = write!(to, "{customers} customers");
        };
        let rate = move |state: &ProgressState, to: &mut dyn std::fmt::Write| {
            let milliseconds = state.elapsed().as_millis().max(1);
            let done = u128::from(timed.load(Ordering::Relaxed));
            let _ = write!(to, "{}/s", done * 1000 / milliseconds);
        };
        Self {
            bar: ProgressBar::new(0)
                .with_style(style.with_key("customers", count).with_key("rate", rate)),
            customers,
            refused: AtomicU64::default(),
            interrupted: Arc::default(),
        }
    }

    /// From now on Ctrl-C and SIGTERM interrupt the run between two customers; a second signal ends the process at once.
    pub(crate) fn handle_signals(&self) -> std::io::Result<()> {
        handle_signals(self.interrupted.clone())
    }

    /// The number of customers that were refused in this run.
    pub(crate) fn refused_customers(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// Calls `print` while the bar is not there.
    pub(crate) fn suspend(&self, print: impl FnOnce()) {
        self.bar.suspend(print);
    }

    /// Removes the bar.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// From now on Ctrl-C and SIGTERM set `interrupted`; a second signal ends the process at once.
pub(crate) fn handle_signals(interrupted: Arc<AtomicBool>) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    let (mut interrupt, mut terminate) = {
        let _entered = runtime.enter();
        (
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
        )
    };
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            runtime.block_on(async {
                loop {
                    tokio::select! {
                        _ = interrupt.recv() => {}
                        _ = terminate.recv() => {}
                    }
                    if interrupted.swap(true, Ordering::Relaxed) {
                        process::exit(i32::from(INTERRUPTED));
                    }
                }
            });
        })?;
    Ok(())
}

impl RunObserver for RunProgress {
    fn column_missing(&self, column: &str) {
        let line = format!(
            "microseg: no table has the column {column}: this field of the model is missing in all rows"
        );
        self.bar.suspend(|| eprintln!("{}", printable(&line)));
    }

    fn planned(&self, bytes: u64) {
        self.bar.inc_length(bytes);
    }

    fn read(&self, bytes: u64) {
        self.bar.inc(bytes);
    }

    fn done(&self, customers: u64, refused: u64) {
        self.customers.fetch_add(customers, Ordering::Relaxed);
        self.refused.fetch_add(refused, Ordering::Relaxed);
    }

    fn refused(&self, input: &str, position: Position, problem: &Problem) {
        self.bar
            .suspend(|| report_refusal(input, position, problem));
    }

    fn interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }
}

/// The style of a progress bar with what is done and the remaining time.
pub(crate) fn progress_style(done: &str) -> ProgressStyle {
    ProgressStyle::with_template(&format!("{{bar:40}} {done}, {{eta}} left"))
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// Prints a refusal on standard error, with its position and without the customer's name.
pub(crate) fn report_refusal(input: &str, position: Position, problem: &Problem) {
    let detail = problem.detail();
    let position = position.to_string();
    // The problems of a table have the position in their detail.
    if detail.starts_with(&format!("{position}: ")) {
        eprintln!("{}", printable(&format!("microseg: {input}: {detail}")));
    } else {
        let line = format!("microseg: {input}: {position}: {detail}");
        eprintln!("{}", printable(&line));
    }
}
