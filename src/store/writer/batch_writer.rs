//! Writer task: puts all waiting operations into one transaction, and answers their callers after its commit. When an
//! operation fails, each one of the batch gets a transaction of its own.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use super::batch::{Failure, answer, fail, transact};
use super::task::Task;
use crate::database::interface::{Database, Residue};

/// The most operations of one transaction.
const BATCH: usize = 256;
/// How long to wait before the next attempt to scrub erased bytes, and how long the requests of ended jobs may stay:
/// each scrub costs a sync of the database.
const SCRUB_DELAY: Duration = Duration::from_secs(1);

/// How long a loss of the database's files may go unnoticed while nothing is written.
const GUARD_DELAY: Duration = Duration::from_secs(1);

/// The state of the writer task.
pub(super) struct BatchWriter {
    database: Arc<dyn Database>,
    waiting: mpsc::Receiver<Box<dyn Task>>,
    closed: watch::Receiver<bool>,
    /// When to look after the database's files.
    guard_at: Instant,
    /// When to scrub, if erased bytes may be left.
    scrub_at: Option<Instant>,
    /// Whether a failure to scrub is logged already.
    is_scrub_failure_logged: bool,
}

impl BatchWriter {
    pub(super) fn new(
        database: Arc<dyn Database>,
        waiting: mpsc::Receiver<Box<dyn Task>>,
        closed: watch::Receiver<bool>,
    ) -> Self {
        Self {
            database,
            waiting,
            closed,
            guard_at: Instant::now() + GUARD_DELAY,
            // What was erased just before a crash may still be in the journal.
            scrub_at: Some(Instant::now()),
            is_scrub_failure_logged: false,
        }
    }

    /// Writes batches until the queue is closed and empty.
    pub(super) async fn run(mut self) {
        let mut batch = Vec::with_capacity(BATCH);
        let mut is_open = true;
        loop {
            let scrub_at = self.scrub_at.unwrap_or_else(Instant::now);
            tokio::select! {
                biased;
                // An error means that the last queue was dropped, which is a close too.
                _ = self.closed.changed(), if is_open => {
                    self.waiting.close();
                    is_open = false;
                }
                () = sleep_until(self.guard_at) => self.guard().await,
                () = sleep_until(scrub_at), if self.scrub_at.is_some() => self.scrub().await,
                taken = self.waiting.recv_many(&mut batch, BATCH) => {
                    if taken == 0 {
                        break;
                    }
                    self.write(&mut batch).await;
                }
            }
        }
    }

    /// Looks after the database's files: a loss is found although nothing is written. It logs by itself.
    async fn guard(&mut self) {
        let _ = self.database.guard().await;
        self.guard_at = Instant::now() + GUARD_DELAY;
    }

    async fn write(&mut self, batch: &mut Vec<Box<dyn Task>>) {
        match self.transact(batch).await {
            Ok(residue) => {
                self.clear(residue).await;
                answer(batch.drain(..), &Ok(()));
            }
            Err(Failure::Operation(error)) if batch.len() > 1 => {
                tracing::warn!(%error, operations = batch.len(), "each is written by itself");
                self.write_each(batch).await;
            }
            Err(Failure::Operation(error) | Failure::Transaction(error)) => {
                fail(batch.drain(..), error);
            }
        }
    }

    /// Writes each task in a transaction of its own, so that the failure of one does not affect the others.
    async fn write_each(&mut self, batch: &mut Vec<Box<dyn Task>>) {
        let mut tasks = batch.drain(..);
        let mut most = Residue::Nothing;
        let mut done = Vec::new();
        while let Some(mut task) = tasks.next() {
            match self.transact(std::slice::from_mut(&mut task)).await {
                Ok(residue) => {
                    most = most.max(residue);
                    done.push(task);
                }
                Err(Failure::Operation(error)) => fail([task], error),
                // It would fail for the others too, after the same wait.
                Err(Failure::Transaction(error)) => {
                    fail([task].into_iter().chain(tasks), error);
                    break;
                }
            }
        }
        self.clear(most).await;
        answer(done, &Ok(()));
    }

    /// Writes all tasks in one transaction, or none.
    async fn transact(&self, batch: &mut [Box<dyn Task>]) -> Result<Residue, Failure> {
        let transaction = self.database.begin().await.map_err(Failure::Transaction)?;
        transact(transaction, batch).await
    }

    /// Scrubs what a transaction left, now or later.
    async fn clear(&mut self, residue: Residue) {
        match residue {
            Residue::Nothing => {}
            Residue::Request => {
                let soon = Instant::now() + SCRUB_DELAY;
                self.scrub_at.get_or_insert(soon);
            }
            Residue::Erased => self.scrub().await,
        }
    }

    async fn scrub(&mut self) {
        let scrubbed = self.database.scrub().await;
        if matches!(scrubbed, Ok(true)) {
            (self.scrub_at, self.is_scrub_failure_logged) = (None, false);
            return;
        }
        self.scrub_at = Some(Instant::now() + SCRUB_DELAY);
        // Logged once: attempts go on until one succeeds.
        if !std::mem::replace(&mut self.is_scrub_failure_logged, true) {
            if let Err(error) = scrubbed {
                tracing::warn!(%error, "erased bytes stay in the journal");
            } else {
                tracing::info!("a reader keeps erased bytes in the journal");
            }
        }
    }
}
