//! What a bulk run shows on standard error, and how it is interrupted.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::{process, thread};

use indicatif::{HumanCount, ProgressBar, ProgressState, ProgressStyle};
use microseg::bulk::{Place, Watch};
use microseg::problem::Problem;
use tokio::signal::unix::{SignalKind, signal};

use super::histories::{progress_style, tell_refused};

/// The code of a program that Ctrl-C has ended, as shells have it.
pub(super) const INTERRUPTED: u8 = 130;

/// A bar, and the counts below it.
pub(super) struct Watching {
    bar: ProgressBar,
    customers: Arc<AtomicU64>,
    refused: AtomicU64,
    interrupted: Arc<AtomicBool>,
}

impl Watching {
    /// A bar, when it is known how much there is to read; else a count.
    pub(super) fn new(piped: bool) -> Self {
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

    /// Lets Ctrl-C and SIGTERM end the run between two customers; the second one ends it at once.
    pub(super) fn heed_signals(&self) -> std::io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()?;
        let interrupted = self.interrupted.clone();
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

    /// How many were refused in this run.
    pub(super) fn refused_customers(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// Takes the bar away.
    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}

impl Watch for Watching {
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

    fn refused(&self, input: &str, place: Place, problem: &Problem) {
        self.bar.suspend(|| tell_refused(input, place, problem));
    }

    fn interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }
}
