//! Watchdog of the threads of a network: a thread that looks at their runs from time to time.

use std::io;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::thread_group::ThreadGroup;

/// How often it looks within the time that a run may take.
const LOOKS: u32 = 20;

/// How seldom it looks at most: no thread wakes it for a run.
const SELDOM: Duration = Duration::from_millis(250);

/// Starts the watchdog; it ends with the last of the threads.
pub(super) fn start(threads: &Arc<ThreadGroup>) -> io::Result<()> {
    let threads = threads.clone();
    let pause = (threads.context.limit.shortest() / LOOKS).min(SELDOM);
    let watch = move || {
        while !threads.is_over() {
            threads.wait(pause);
            threads.replace_late();
        }
    };
    thread::Builder::new()
        .name("network-watchdog".to_owned())
        .spawn(watch)
        .map(drop)
}
