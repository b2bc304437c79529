//! Scoring threads: how many there are, and when a scoring wakes one of them.
//!
//! A run costs much before its first sequence, so few large batches are cheaper than many small ones. Scorings of a quick
//! network therefore have fewer threads than there are processors, and a scoring wakes one only when no other is about to
//! join its batch. No scoring runs on the thread of its caller: a network that does not return would take the requests of
//! others with it.

use std::time::{Duration, Instant};

use super::policy::BatchingPolicy;
use super::queue::BatchQueue;

/// A network whose full batch takes no longer has scoring threads; those of a slower one wait for the network threads.
const QUICK: Duration = Duration::from_millis(4);

/// How often a batch is timed before it counts as slow.
const TRIES: usize = 5;

/// How many there are for so many network threads: half, so that the other processors can read the requests that run next.
pub(super) fn count(network_threads: usize) -> usize {
    (network_threads / 2).max(1)
}

/// Lets other tasks of the calling thread run first, so that a request whose body has arrived joins the batch that was added
/// last; then wakes a thread for it. The thread is also woken when the future is dropped: others may have joined.
pub(super) async fn let_others_join_and_wake(queue: &BatchQueue) {
    let _wake = Wake(queue);
    let mut joined = queue.waiting_scorings();
    loop {
        tokio::task::yield_now().await;
        let waiting = queue.waiting_scorings();
        if waiting <= joined || BatchingPolicy::is_worth_a_run(waiting) {
            return;
        }
        joined = waiting;
    }
}

struct Wake<'a>(&'a BatchQueue);

impl Drop for Wake<'_> {
    fn drop(&mut self) {
        self.0.wake_for_scorings();
    }
}

/// Whether a run is quick enough for scoring threads, and the shortest time that was measured. A busy machine only adds to a
/// time, so a run that seems slow is timed again.
pub(super) fn is_quick<E>(mut run: impl FnMut() -> Result<(), E>) -> Result<(bool, Duration), E> {
    let mut least = Duration::MAX;
    for _ in 0..TRIES {
        let begun = Instant::now();
        run()?;
        least = least.min(begun.elapsed());
        if least <= QUICK {
            break;
        }
    }
    Ok((least <= QUICK, least))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_disturbed_run_does_not_make_a_network_slow() {
        let mut runs = 0;
        let quick = is_quick(|| {
            runs += 1;
            let begun = Instant::now();
            while runs == 1 && begun.elapsed() <= QUICK {
                std::hint::spin_loop();
            }
            Ok::<_, ()>(())
        });
        assert!(quick.is_ok_and(|(is_quick, _)| is_quick));
        assert!(runs > 1);
        assert!(is_quick(|| Err(())).is_err());
    }
}
