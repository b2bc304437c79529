//! Who runs the scorings that wait: one of their own requests, on its own thread, once nobody else is about to join.
//!
//! A run costs about as much for one sequence as for thirty. The request that finds nobody in the lead takes it: it lets
//! those go first who are ready on its thread, and hands over to those who are just reading a history on another, since
//! they come next. There is no delay: nobody is waited for whose request has not arrived.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::oneshot::{self, error::RecvError};
use tokio::task::yield_now;
use tokio::time::timeout;

use super::network::NetworkError;
use super::queue::Queue;
use super::workers::{Run, Workers, serve};

/// So many sequences share what a run costs before the first of them: it is not put off for more.
const WORTH_A_RUN: usize = 32;

/// Whoever handed over takes the lead back when nobody came: what was being read on the other thread was no history.
const PATIENCE: Duration = Duration::from_millis(2);

type Answered = Result<Run, NetworkError>;
type Answer = oneshot::Receiver<Answered>;

impl Workers {
    /// Sees that what waits is run, and with it the caller's scoring, whose answer it gives.
    pub(super) async fn lead(&self, mut answer: Answer) -> Result<Answered, RecvError> {
        let mut lead = Lead {
            queue: &self.queue,
            is_open: true,
        };
        loop {
            let gathered = self.gather().await;
            if self.readers.is_none() || gathered >= WORTH_A_RUN {
                self.run_scorings(&answer);
                break;
            }
            if !self.queue.hand_over(gathered) {
                continue;
            }
            if let Ok(answered) = timeout(PATIENCE, &mut answer).await {
                lead.is_open = false;
                return answered;
            }
            if !self.queue.lead() {
                lead.is_open = false;
                break;
            }
        }
        drop(lead);
        answer.await
    }

    /// Lets those go first who are ready on this thread: a request whose body has arrived joins the batch. Gives how many
    /// sequences wait then.
    async fn gather(&self) -> usize {
        let mut gathered = 0;
        loop {
            let waiting = self.queue.scorings();
            if waiting <= gathered || waiting >= WORTH_A_RUN {
                return waiting;
            }
            gathered = waiting;
            yield_now().await;
        }
    }

    /// Runs what waits on the caller's own thread until the caller has an answer.
    fn run_scorings(&self, answer: &Answer) {
        if let Some(spare) = self.spares.borrow()
            && let Some(network) = spare.network()
        {
            while answer.is_empty()
                && let Some(forming) = self.queue.next_of_scorings()
            {
                serve(network, forming, &self.metrics);
            }
        }
    }
}

/// Held by whoever leads. When he leaves, what still waits is for the threads of the network: he may have gone without
/// running anything, or found no network to run it with.
struct Lead<'a> {
    queue: &'a Queue,
    /// Unless another has the lead, or nothing waits.
    is_open: bool,
}

impl Drop for Lead<'_> {
    fn drop(&mut self) {
        if self.is_open {
            self.queue.leave();
        }
    }
}

/// How many threads are reading a history whose body has arrived.
#[derive(Debug, Default)]
pub(super) struct Readers(AtomicUsize);

/// One of them, until it is dropped.
#[derive(Debug)]
pub struct Reading<'a>(&'a Readers);

impl Readers {
    pub(super) fn reading(&self) -> Reading<'_> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Reading(self)
    }

    fn is_none(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}
