//! Bounded queue of the writer.

use std::sync::Arc;

use futures_util::future::join;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};

use super::batch_writer::BatchWriter;
use super::operation::Operation;
use super::side_writer::SideWriter;
use super::task::{Queued, Task};
use crate::database::interface::Database;
use crate::error::StoreError;

/// How many operations may wait.
const QUEUE: usize = 1024;
/// How many KiB may wait: a request that is kept whole can be large.
const QUEUE_KIB: u32 = 256 * 1024;

/// The sending side of the writers' queue. The writers end when the queue is closed, or when its last clone is dropped.
#[derive(Debug, Clone)]
pub(crate) struct Queue {
    tasks: mpsc::Sender<Box<dyn Task>>,
    /// Operations that may be written beside others; `None` where the database writes one transaction after the other.
    beside: Option<mpsc::Sender<Box<dyn Task>>>,
    /// The KiB that may still be queued.
    capacity: Arc<Semaphore>,
    closing: watch::Sender<bool>,
    /// Closed by the writers' end.
    ended: watch::Receiver<()>,
}

impl Queue {
    /// Starts the writers; their end closes the database.
    pub(crate) fn start(database: Arc<dyn Database>) -> Self {
        let (tasks, waiting) = mpsc::channel(QUEUE);
        let (closing, closed) = watch::channel(false);
        let (running, ended) = watch::channel(());
        let writer = BatchWriter::new(database.clone(), waiting, closed.clone());
        let (beside, side_writer) = if database.writers_beside() == 0 {
            (None, None)
        } else {
            let (tasks, waiting) = mpsc::channel(QUEUE);
            let writer = SideWriter::new(database.clone(), waiting, closed);
            (Some(tasks), Some(writer))
        };
        tokio::spawn(async move {
            let aside = async {
                if let Some(writer) = side_writer {
                    writer.run().await;
                }
            };
            join(writer.run(), aside).await;
            database.close().await;
            drop(running);
        });
        Self {
            tasks,
            beside,
            capacity: Arc::new(Semaphore::new(QUEUE_KIB as usize)),
            closing,
            ended,
        }
    }

    /// Queues an operation of so many bytes and waits until its effects are durable. It is run even when the caller
    /// stops waiting.
    pub(crate) async fn write<O: Operation>(
        &self,
        operation: O,
        bytes: usize,
    ) -> Result<O::Outcome, StoreError> {
        // One operation must fit, whatever its size.
        let kib = u32::try_from(bytes / 1024).map_or(QUEUE_KIB, |kib| (kib + 1).min(QUEUE_KIB));
        let capacity = self.capacity.clone().try_acquire_many_owned(kib);
        let capacity = capacity.map_err(|_| StoreError::Busy)?;
        let tasks = match &self.beside {
            Some(beside) if !operation.locks().is_empty() => beside,
            _ => &self.tasks,
        };
        let (reply, answer) = oneshot::channel();
        let task = Queued::new(operation, reply, capacity);
        tasks
            .try_send(Box::new(task))
            .map_err(|error| match error {
                mpsc::error::TrySendError::Full(_) => StoreError::Busy,
                mpsc::error::TrySendError::Closed(_) => StoreError::Closed,
            })?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Refuses new operations, finishes those that wait, and closes the database.
    pub(crate) async fn close(&self) {
        self.closing.send_replace(true);
        let mut ended = self.ended.clone();
        while ended.changed().await.is_ok() {}
    }
}
