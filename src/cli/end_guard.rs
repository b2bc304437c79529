//! End of a server by force: threads of their own, so that the process ends whatever hangs.

use std::io;
use std::process;
use std::thread;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

/// How long the destructors of libraries may take, which run when a process exits.
const EXITING: Duration = Duration::from_secs(1);

/// Ends the process with exit code 1 when it does not end by itself in time. It needs neither the server's runtime nor its
/// threads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EndGuard {
    /// How long the process may take to end.
    pub(crate) patience: Duration,
}

impl EndGuard {
    /// From the next SIGTERM or SIGINT on, the process has the time to end.
    pub(crate) fn start_at_signals(self) -> io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()?;
        let (mut terminate, mut interrupt) = {
            let _entered = runtime.enter();
            (
                signal(SignalKind::terminate())?,
                signal(SignalKind::interrupt())?,
            )
        };
        spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
            });
            self.end_after_patience();
        })
    }

    /// From now on, the process has the time to end.
    pub(crate) fn start(self) -> io::Result<()> {
        spawn(move || self.end_after_patience())
    }

    fn end_after_patience(self) {
        thread::sleep(self.patience);
        tracing::error!("something hangs: the process is ended");
        // A destructor may wait for a thread that hangs.
        let aborts = spawn(|| {
            thread::sleep(EXITING);
            process::abort();
        });
        if aborts.is_err() {
            process::abort();
        }
        process::exit(1);
    }
}

fn spawn(work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let thread = thread::Builder::new().name("end-guard".to_owned());
    thread.spawn(work).map(drop)
}
