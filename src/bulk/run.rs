//! A run: inputs, a model, and the threads between them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use super::customers::Customers;
use super::unit::Reading;
use super::{BulkError, Input, TableSettings, Watch};
use microseg_model::Model;

/// How a run reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How tables are read.
    pub table: TableSettings,
    /// The largest line of NDJSON or record of CSV, in bytes.
    pub line_bytes: u64,
    /// The most bytes of standard input that are held for one unit.
    pub held_bytes: usize,
    /// Threads, at least 1; each reads, scores and writes.
    pub threads: usize,
}

impl Settings {
    pub(super) fn record_bytes(&self) -> usize {
        usize::try_from(self.line_bytes).unwrap_or(usize::MAX)
    }
}

/// What is scored, by what, and how.
#[derive(Clone, Copy)]
pub struct Bulk<'a> {
    /// The model; it should have as many threads as the run.
    pub model: &'a Model,
    /// What is read, in this order.
    pub inputs: &'a [Input],
    /// How it is read.
    pub settings: &'a Settings,
    /// About how large a unit is, in bytes of its input, at least 1.
    pub part_bytes: u64,
    /// Who is told.
    pub watch: &'a dyn Watch,
}

impl<'a> Bulk<'a> {
    /// What the units of this run are read with; `customers` meets everybody who is in them.
    pub(super) fn reading(&self, customers: &'a Customers) -> Reading<'a> {
        Reading {
            encoder: self.model.encoder(),
            settings: &self.settings.table,
            line_bytes: self.settings.line_bytes,
            customers,
            watch: self.watch,
        }
    }
}

/// Computes `count` independent things on some threads; the results are in order.
pub(super) fn on_threads<T: Send>(
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_and_one_error_is_enough() {
        let squares = on_threads(100, 3, |index| Ok(index * index)).unwrap();
        assert!(
            squares
                .iter()
                .zip(0..)
                .all(|(&square, index)| square == index * index)
        );
        let failed = on_threads(100, 3, |index| match index {
            57 => Err(BulkError::Thread),
            index => Ok(index),
        });
        assert!(matches!(failed, Err(BulkError::Thread)));
        assert!(on_threads(0, 3, Ok).unwrap().is_empty());
    }
}
