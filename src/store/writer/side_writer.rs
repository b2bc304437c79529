//! Writer of operations that have a customer to themselves and leave the chain alone: several batches at once, none of which
//! holds a customer that another one has.
//!
//! A customer that another server has is not waited for inside a transaction, where the rest of the batch would wait too: its
//! operations go back into the queue and are tried again soon. So no batch ever waits for a lock, and none can be part of a
//! circle of transactions that wait for each other.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use super::batch::{Failure, answer, fail, transact};
use super::task::Task;
use crate::database::interface::Database;
use crate::error::StoreError;
use crate::lock_name::LockName;

/// The most operations of one transaction: each takes some round trips, and all wait for the last one.
const BATCH: usize = 32;

/// How many operations are taken from the queue at once.
const TAKEN: usize = 256;

/// How long to wait before a customer that another server has is tried again: at first, and at most.
const RETRY: [Duration; 2] = [Duration::from_millis(2), Duration::from_millis(50)];

/// How long an operation may wait for its customer, as long as for any other lock.
const LONGEST_WAIT: Duration = Duration::from_secs(8);

/// An operation that waits.
struct Waiting {
    task: Box<dyn Task>,
    names: Vec<LockName>,
    /// Since when another server has its customer, and when to try again; `None` before the first attempt.
    refused: Option<Refused>,
}

/// Attempts of an operation whose customer another server has.
#[derive(Clone, Copy)]
struct Refused {
    since: Instant,
    pause: Duration,
    again: Instant,
}

/// What became of a batch.
struct Written {
    /// What it had to itself.
    names: HashSet<LockName>,
    /// Operations whose customer another server has.
    refused: Vec<Waiting>,
}

/// The state of the writer.
pub(super) struct SideWriter {
    database: Arc<dyn Database>,
    arriving: mpsc::Receiver<Box<dyn Task>>,
    closed: watch::Receiver<bool>,
    waiting: VecDeque<Waiting>,
    /// What batches that are being written have to themselves.
    held: HashSet<LockName>,
}

impl SideWriter {
    pub(super) fn new(
        database: Arc<dyn Database>,
        arriving: mpsc::Receiver<Box<dyn Task>>,
        closed: watch::Receiver<bool>,
    ) -> Self {
        Self {
            database,
            arriving,
            closed,
            waiting: VecDeque::new(),
            held: HashSet::new(),
        }
    }

    /// Writes batches until the queue is closed and empty.
    pub(super) async fn run(mut self) {
        let most = self.database.writers_beside();
        let mut writing = FuturesUnordered::new();
        let mut arrived = Vec::with_capacity(TAKEN);
        let (mut is_open, mut has_more) = (true, true);
        loop {
            while writing.len() < most
                && let Some(batch) = self.next_batch()
            {
                writing.push(write(self.database.clone(), batch));
            }
            if !has_more && writing.is_empty() && self.waiting.is_empty() {
                return;
            }
            let retry = self.retry_at().filter(|_| writing.len() < most);
            tokio::select! {
                biased;
                // An error means that the last queue was dropped, which is a close too.
                _ = self.closed.changed(), if is_open => {
                    self.arriving.close();
                    is_open = false;
                }
                Some(written) = writing.next() => self.finish(written),
                taken = self.arriving.recv_many(&mut arrived, TAKEN), if has_more => {
                    has_more = taken > 0;
                    self.waiting.extend(arrived.drain(..).map(Waiting::new));
                }
                () = sleep_until(retry.unwrap_or_else(Instant::now)), if retry.is_some() => {}
            }
        }
    }

    fn is_free(&self, waiting: &Waiting) -> bool {
        !waiting.names.iter().any(|name| self.held.contains(name))
    }

    /// When an operation that was refused is to be tried again, if no batch here has what it needs.
    fn retry_at(&self) -> Option<Instant> {
        let free = self.waiting.iter().filter(|waiting| self.is_free(waiting));
        free.filter_map(|waiting| waiting.refused.map(|refused| refused.again))
            .min()
    }

    /// The next operations that no batch here stands in the way of; those of one customer stay in their order.
    fn next_batch(&mut self) -> Option<Vec<Waiting>> {
        let now = Instant::now();
        let (mut batch, mut left) = (Vec::new(), VecDeque::new());
        for waiting in std::mem::take(&mut self.waiting) {
            if batch.len() < BATCH && waiting.is_due(now) && self.is_free(&waiting) {
                batch.push(waiting);
            } else {
                left.push_back(waiting);
            }
        }
        self.waiting = left;
        let names = batch.iter().flat_map(|waiting| &waiting.names);
        self.held.extend(names);
        (!batch.is_empty()).then_some(batch)
    }

    fn finish(&mut self, written: Written) {
        for name in &written.names {
            self.held.remove(name);
        }
        for waiting in written.refused {
            match waiting.again() {
                Ok(waiting) => self.waiting.push_back(waiting),
                Err(task) => task.answer(&Err(StoreError::Busy)),
            }
        }
    }
}

impl Waiting {
    fn new(task: Box<dyn Task>) -> Self {
        Self {
            names: task.locks(),
            task,
            refused: None,
        }
    }

    fn is_due(&self, now: Instant) -> bool {
        self.refused.is_none_or(|refused| refused.again <= now)
    }

    /// The same after a refusal; or the operation, when it has waited for too long.
    fn again(mut self) -> Result<Self, Box<dyn Task>> {
        let now = Instant::now();
        let [first, longest] = RETRY;
        let (since, pause) = match self.refused {
            None => (now, first),
            Some(before) => (before.since, (before.pause * 2).min(longest)),
        };
        if now.duration_since(since) > LONGEST_WAIT {
            return Err(self.task);
        }
        let again = now + pause;
        self.refused = Some(Refused {
            since,
            pause,
            again,
        });
        Ok(self)
    }
}

/// Writes a batch, and answers the callers of all operations whose customers no other server has.
async fn write(database: Arc<dyn Database>, mut batch: Vec<Waiting>) -> Written {
    let names: HashSet<LockName> = batch
        .iter()
        .flat_map(|waiting| &waiting.names)
        .copied()
        .collect();
    let mut refused = Vec::new();
    let result = attempt(&*database, &names, &mut batch, &mut refused).await;
    match result {
        Ok(()) => answer(tasks(batch), &Ok(())),
        Err(Failure::Operation(error)) if batch.len() > 1 => {
            tracing::warn!(%error, operations = batch.len(), "each is written by itself");
            write_each(&*database, batch, &mut refused).await;
        }
        Err(Failure::Operation(error) | Failure::Transaction(error)) => fail(tasks(batch), error),
    }
    Written { names, refused }
}

/// Writes each operation in a transaction of its own, so that the failure of one does not affect the others.
async fn write_each(database: &dyn Database, batch: Vec<Waiting>, refused: &mut Vec<Waiting>) {
    let mut left = batch.into_iter();
    while let Some(waiting) = left.next() {
        let names = waiting.names.iter().copied().collect();
        let mut one = vec![waiting];
        match attempt(database, &names, &mut one, refused).await {
            Ok(()) => answer(tasks(one), &Ok(())),
            Err(Failure::Operation(error)) => fail(tasks(one), error),
            // It would fail for the others too, after the same wait.
            Err(Failure::Transaction(error)) => {
                fail(tasks(one).chain(tasks(left)), error);
                return;
            }
        }
    }
}

/// Writes all operations in one transaction, or none; those whose customers another server has are moved to `refused`.
async fn attempt(
    database: &dyn Database,
    names: &HashSet<LockName>,
    batch: &mut Vec<Waiting>,
    refused: &mut Vec<Waiting>,
) -> Result<(), Failure> {
    let asked: Vec<LockName> = names.iter().copied().collect();
    let begun = database.begin_beside(&asked).await;
    let (transaction, held) = begun.map_err(Failure::Transaction)?;
    let is_held = |name: &LockName| held.contains(name);
    let (own, others) = std::mem::take(batch)
        .into_iter()
        .partition(|waiting: &Waiting| waiting.names.iter().all(is_held));
    *batch = own;
    refused.extend::<Vec<Waiting>>(others);
    let (mut run, mut names): (Vec<_>, Vec<_>) = batch
        .drain(..)
        .map(|waiting| (waiting.task, waiting.names))
        .unzip();
    let written = transact(transaction, &mut run).await;
    batch.extend(
        run.drain(..)
            .zip(names.drain(..))
            .map(|(task, names)| Waiting {
                task,
                names,
                refused: None,
            }),
    );
    written.map(|_| ())
}

fn tasks(batch: impl IntoIterator<Item = Waiting>) -> impl Iterator<Item = Box<dyn Task>> {
    batch.into_iter().map(|waiting| waiting.task)
}
