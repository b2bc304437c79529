//! The writer: one task that puts everything that waits into one transaction, then answers everybody in it. When an
//! operation fails, each of them gets a transaction of its own.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until};

use super::backend::{Backend, Residue, Transaction};
use super::error::StoreError;
use super::standing::Inquiry;

/// How many operations may wait.
const QUEUE: usize = 1024;
/// How many KiB may wait: a request that is kept whole can be large.
const QUEUE_KIB: u32 = 256 * 1024;
/// The most operations of one transaction.
const BATCH: usize = 256;
/// How long to wait before trying again to take erased bytes out of the journal, and how long those of ended jobs may
/// stay there: each time costs a sync of the database.
const SCRUB_AGAIN: Duration = Duration::from_secs(1);

/// Something to do inside a transaction.
pub(super) trait Operation: Send + 'static {
    type Outcome: Send + 'static;

    /// What it will ask first, so that a database far away can be asked for the whole batch at once.
    fn inquiry(&self) -> Option<Inquiry> {
        None
    }

    /// Does it. A refusal comes before anything is written; any other error undoes the transaction, and it may be done
    /// once more in another.
    fn run(
        &mut self,
        transaction: &mut Transaction,
    ) -> impl Future<Output = Result<Self::Outcome, StoreError>> + Send;
}

/// The way to the writer. The writer ends when it is closed, or when the last of these is gone.
#[derive(Debug, Clone)]
pub(super) struct Queue {
    tasks: mpsc::Sender<Box<dyn Task>>,
    room: Arc<Semaphore>,
    closing: watch::Sender<bool>,
    /// Closed by the writer's end.
    ended: watch::Receiver<()>,
}

impl Queue {
    /// Starts a writer.
    pub(super) fn start(backend: Backend) -> Self {
        let (tasks, waiting) = mpsc::channel(QUEUE);
        let (closing, closed) = watch::channel(false);
        let (running, ended) = watch::channel(());
        let writer = Writer {
            backend,
            waiting,
            closed,
            // What was erased just before a crash may be in the journal still.
            scrub_at: Some(Instant::now()),
            is_hindrance_told: false,
        };
        tokio::spawn(async move {
            writer.run().await;
            drop(running);
        });
        Self {
            tasks,
            room: Arc::new(Semaphore::new(QUEUE_KIB as usize)),
            closing,
            ended,
        }
    }

    /// Queues an operation of so many bytes and waits until what it did is durable. It is done even when the caller
    /// leaves.
    pub(super) async fn write<O: Operation>(
        &self,
        operation: O,
        bytes: usize,
    ) -> Result<O::Outcome, StoreError> {
        // Whatever its size, one must fit.
        let kib = u32::try_from(bytes / 1024).map_or(QUEUE_KIB, |kib| (kib + 1).min(QUEUE_KIB));
        let room = self.room.clone().try_acquire_many_owned(kib);
        let (reply, answer) = oneshot::channel();
        let task = Queued {
            operation,
            outcome: Err(StoreError::Closed),
            reply,
            _room: room.map_err(|_| StoreError::Busy)?,
        };
        self.tasks
            .try_send(Box::new(task))
            .map_err(|error| match error {
                mpsc::error::TrySendError::Full(_) => StoreError::Busy,
                mpsc::error::TrySendError::Closed(_) => StoreError::Closed,
            })?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Takes no more, finishes what waits, and closes the database.
    pub(super) async fn close(&self) {
        self.closing.send_replace(true);
        let mut ended = self.ended.clone();
        while ended.changed().await.is_ok() {}
    }
}

/// An operation of any kind, with its caller.
trait Task: Send {
    /// What it will ask first.
    fn inquiry(&self) -> Option<Inquiry>;

    /// Does it; an error is one that ends the transaction.
    fn run<'a>(
        &'a mut self,
        transaction: &'a mut Transaction,
    ) -> Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send + 'a>>;

    /// Answers the caller, once the transaction has ended as it has.
    fn answer(self: Box<Self>, ended: &Result<(), StoreError>);
}

struct Queued<O: Operation> {
    operation: O,
    outcome: Result<O::Outcome, StoreError>,
    reply: oneshot::Sender<Result<O::Outcome, StoreError>>,
    /// Given back when the operation has been answered.
    _room: OwnedSemaphorePermit,
}

impl<O: Operation> Task for Queued<O> {
    fn inquiry(&self) -> Option<Inquiry> {
        self.operation.inquiry()
    }

    fn run<'a>(
        &'a mut self,
        transaction: &'a mut Transaction,
    ) -> Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send + 'a>> {
        Box::pin(async {
            self.outcome = match self.operation.run(transaction).await {
                Err(error) if !error.is_refusal() => return Err(error),
                outcome => outcome,
            };
            Ok(())
        })
    }

    fn answer(self: Box<Self>, ended: &Result<(), StoreError>) {
        let outcome = match ended {
            Ok(()) => self.outcome,
            Err(error) => Err(error.clone()),
        };
        // Whoever left in the meantime needs no answer.
        let _ = self.reply.send(outcome);
    }
}

struct Writer {
    backend: Backend,
    waiting: mpsc::Receiver<Box<dyn Task>>,
    closed: watch::Receiver<bool>,
    /// When to take erased bytes out of the journal, if there may be any.
    scrub_at: Option<Instant>,
    /// Whether the log says already that they could not be taken out.
    is_hindrance_told: bool,
}

impl Writer {
    async fn run(mut self) {
        let mut batch = Vec::with_capacity(BATCH);
        let mut is_open = true;
        loop {
            let scrub_at = self.scrub_at.unwrap_or_else(Instant::now);
            tokio::select! {
                biased;
                // An error says that nobody is left to send anything, which is a close too.
                _ = self.closed.changed(), if is_open => {
                    self.waiting.close();
                    is_open = false;
                }
                () = sleep_until(scrub_at), if self.scrub_at.is_some() => self.scrub().await,
                taken = self.waiting.recv_many(&mut batch, BATCH) => {
                    if taken == 0 {
                        break;
                    }
                    self.write(&mut batch).await;
                }
            }
        }
        self.backend.close().await;
    }

    async fn write(&mut self, batch: &mut Vec<Box<dyn Task>>) {
        match self.transact(batch).await {
            Ok(residue) => {
                self.clear(residue).await;
                answer(batch.drain(..), &Ok(()));
            }
            Err(Failure::OfOne(error)) if batch.len() > 1 => {
                tracing::warn!(%error, operations = batch.len(), "each is written by itself");
                self.write_each(batch).await;
            }
            Err(Failure::OfOne(error) | Failure::OfAll(error)) => fail(batch.drain(..), error),
        }
    }

    /// Does each in a transaction of its own: what makes one fail is nothing to its neighbours.
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
                Err(Failure::OfOne(error)) => fail([task], error),
                // It would fail for the others too, after they had waited for as long.
                Err(Failure::OfAll(error)) => {
                    fail([task].into_iter().chain(tasks), error);
                    break;
                }
            }
        }
        self.clear(most).await;
        answer(done, &Ok(()));
    }

    /// Does all of them in one transaction, or none.
    async fn transact(&self, batch: &mut [Box<dyn Task>]) -> Result<Residue, Failure> {
        let mut transaction = self.backend.begin().await.map_err(Failure::OfAll)?;
        let inquiries = batch.iter().filter_map(|task| task.inquiry()).collect();
        if let Err(error) = transaction.foresee(inquiries).await {
            transaction.rollback().await;
            return Err(Failure::OfAll(error));
        }
        for task in batch {
            if let Err(error) = task.run(&mut transaction).await {
                transaction.rollback().await;
                return Err(Failure::OfOne(error));
            }
        }
        if let Err(error) = transaction.settle().await {
            transaction.rollback().await;
            return Err(Failure::OfOne(error));
        }
        transaction.commit().await.map_err(Failure::OfAll)
    }

    /// Sees to what was left in the journal.
    async fn clear(&mut self, residue: Residue) {
        match residue {
            Residue::Nothing => {}
            Residue::Request => {
                let soon = Instant::now() + SCRUB_AGAIN;
                self.scrub_at.get_or_insert(soon);
            }
            Residue::Erased => self.scrub().await,
        }
    }

    async fn scrub(&mut self) {
        let scrubbed = self.backend.scrub().await;
        if matches!(scrubbed, Ok(true)) {
            (self.scrub_at, self.is_hindrance_told) = (None, false);
            return;
        }
        self.scrub_at = Some(Instant::now() + SCRUB_AGAIN);
        // Told once: it is tried until it is done.
        if !std::mem::replace(&mut self.is_hindrance_told, true) {
            if let Err(error) = scrubbed {
                tracing::warn!(%error, "erased bytes stay in the journal");
            } else {
                tracing::info!("a reader keeps erased bytes in the journal");
            }
        }
    }
}

/// Whose fault it is that a transaction failed.
enum Failure {
    /// That of one of its operations.
    OfOne(StoreError),
    /// That of its beginning or its end.
    OfAll(StoreError),
}

fn answer(tasks: impl IntoIterator<Item = Box<dyn Task>>, ended: &Result<(), StoreError>) {
    for task in tasks {
        task.answer(ended);
    }
}

fn fail(tasks: impl IntoIterator<Item = Box<dyn Task>>, error: StoreError) {
    let tasks: Vec<_> = tasks.into_iter().collect();
    tracing::error!(%error, operations = tasks.len(), "nothing could be written");
    answer(tasks, &Err(error));
}
