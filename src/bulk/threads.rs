//! Numbered tasks on several threads, and the error that a set of threads ends with.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crate::error::BulkError;

/// Computes the tasks 0 to `count` - 1 on up to `threads` threads; the results are in order.
pub(crate) fn compute_in_order<T: Send>(
    count: u64,
    threads: usize,
    compute: impl Fn(u64) -> Result<T, BulkError> + Sync,
) -> Result<Vec<T>, BulkError> {
    let next = AtomicU64::new(0);
    let work = || -> Result<_, BulkError> {
        let mut computed = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                return Ok(computed);
            }
            computed.push((index, compute(index)?));
        }
    };
    let threads = threads.clamp(1, usize::try_from(count.max(1)).unwrap_or(usize::MAX));
    let mut computed = thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let mut all = Vec::new();
        for thread in running {
            all.extend(thread.join().map_err(|_| BulkError::Thread)??);
        }
        Ok::<_, BulkError>(all)
    })?;
    computed.sort_unstable_by_key(|&(index, _)| index);
    Ok(computed.into_iter().map(|(_, result)| result).collect())
}

/// The error of two results that is reported. An interruption follows from another error: the other one is reported.
pub(crate) fn first_error(
    one: Result<(), BulkError>,
    other: Result<(), BulkError>,
) -> Result<(), BulkError> {
    match (one, other) {
        (Ok(()) | Err(BulkError::Interrupted), Err(error)) => Err(error),
        (one, _) => one,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_order_of_the_tasks() {
        let squares = compute_in_order(100, 3, |index| Ok(index * index)).unwrap();
        let expected: Vec<u64> = (0..100).map(|index| index * index).collect();
        assert_eq!(squares, expected);
        assert!(compute_in_order(0, 3, Ok).unwrap().is_empty());
    }

    #[test]
    fn one_failed_task_fails_the_whole() {
        let failed = compute_in_order(100, 3, |index| match index {
            57 => Err(BulkError::Thread),
            index => Ok(index),
        });
        assert!(matches!(failed, Err(BulkError::Thread)));
    }

    #[test]
    fn error_is_reported_before_the_interruption_that_follows_from_it() {
        let interrupted = || Err(BulkError::Interrupted);
        let reported = first_error(interrupted(), Err(BulkError::Thread));
        assert!(matches!(reported, Err(BulkError::Thread)));
        assert!(matches!(
            first_error(Ok(()), interrupted()),
            Err(BulkError::Interrupted)
        ));
    }
}
