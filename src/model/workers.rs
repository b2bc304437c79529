//! The threads that own the network, and the bounded queues that feed them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded, select_biased};
use ndarray::Array3;
use tokio::sync::oneshot;

use super::golden::GoldenError;
use super::network::{Network, NetworkError};
use super::{Batch, Bundle, Trajectories};

/// Which queue a batch waits in: explanations wait until no scoring does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// One customer who waits for a scoring.
    Score,
    /// A part of an explanation.
    Explain,
}

/// Why a batch was not run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// The queue is full.
    #[error("the queue is full")]
    Busy,
    /// The threads have ended.
    #[error("the network is not running")]
    Stopped,
    /// The network could not be run, or gave something unusable.
    #[error(transparent)]
    Network(#[from] NetworkError),
}

/// A batch that was run, and what it took.
#[derive(Debug, Clone)]
pub struct Run {
    /// What the network gave.
    pub trajectories: Trajectories,
    /// From the call to the start of the run.
    pub queue: Duration,
    /// The run itself.
    pub network: Duration,
}

struct Job {
    batch: Batch,
    queued_at: Instant,
    /// Closed as soon as nobody waits any more: then the batch is not run.
    reply: oneshot::Sender<Result<Run, NetworkError>>,
}

/// Why a thread could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// libtorch cannot load `model.pt`.
    #[error("model.pt: {0}")]
    Network(#[from] NetworkError),
    /// The network does not give what PyTorch gave.
    #[error("golden.json: {0}")]
    Golden(#[from] GoldenError),
    /// The system gives no thread.
    #[error("no thread for the network: {0}")]
    Thread(#[from] std::io::Error),
    /// The thread ended before it said why.
    #[error("a thread of the network ended at its start")]
    Ended,
}

/// The running threads; dropping this lets them finish what they hold and ends them.
#[derive(Debug)]
pub(super) struct Workers {
    /// `None` only while dropping: the threads end when their queues close.
    queues: Option<Queues>,
    threads: Vec<JoinHandle<()>>,
    runs: Arc<AtomicU64>,
}

#[derive(Debug)]
struct Queues {
    score: Sender<Job>,
    explain: Sender<Job>,
}

#[derive(Clone)]
struct Feeds {
    score: Receiver<Job>,
    explain: Receiver<Job>,
}

impl Workers {
    /// Starts the threads and waits until each has loaded the network, met every golden case and warmed up.
    pub(super) fn start(bundle: &Bundle, threads: usize, queue: usize) -> Result<Self, StartError> {
        let (score, score_feed) = bounded(queue);
        // Each running explanation waits for one part at a time, and as many run as there are threads.
        let (explain, explain_feed) = bounded(queue.max(threads));
        let feeds = Feeds {
            score: score_feed,
            explain: explain_feed,
        };
        let (started, starts) = bounded(threads);
        let mut workers = Self {
            queues: Some(Queues { score, explain }),
            threads: Vec::new(),
            runs: Arc::default(),
        };
        for number in 0..threads {
            let (bundle, feeds, started) = (bundle.clone(), feeds.clone(), started.clone());
            let runs = workers.runs.clone();
            let body = move || match warm_network(&bundle) {
                Ok(network) => {
                    if started.send(Ok(())).is_ok() {
                        drop(started);
                        serve(&network, &feeds, &runs);
                    }
                }
                Err(error) => drop(started.send(Err(error))),
            };
            workers.threads.push(
                thread::Builder::new()
                    .name(format!("network-{number}"))
                    .spawn(body)?,
            );
        }
        drop(started);
        for _ in 0..threads {
            starts.recv().map_err(|_| StartError::Ended)??;
        }
        Ok(workers)
    }

    /// How many batches have been run; those that were taken back are not among them.
    pub(super) fn runs(&self) -> u64 {
        self.runs.load(Ordering::Relaxed)
    }

    /// Queues a batch and waits for its run; dropping the future takes the batch back.
    pub(super) async fn run(&self, lane: Lane, batch: Batch) -> Result<Run, RunError> {
        let queues = self.queues.as_ref().ok_or(RunError::Stopped)?;
        let queue = match lane {
            Lane::Score => &queues.score,
            Lane::Explain => &queues.explain,
        };
        let (reply, answer) = oneshot::channel();
        queue
            .try_send(Job {
                batch,
                queued_at: Instant::now(),
                reply,
            })
            .map_err(|error| match error {
                TrySendError::Full(_) => RunError::Busy,
                TrySendError::Disconnected(_) => RunError::Stopped,
            })?;
        Ok(answer.await.map_err(|_| RunError::Stopped)??)
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.queues = None;
        for thread in self.threads.drain(..) {
            // A thread that panicked has nothing left to hand over.
            let _ = thread.join();
        }
    }
}

fn warm_network(bundle: &Bundle) -> Result<Network, StartError> {
    let manifest = bundle.manifest();
    let network = Network::load(bundle.network(), manifest.shape())?;
    // All zeros is a legal profile. It comes first, so that a network of another shape is told from wrong numbers.
    network.run(&Batch::new(Array3::zeros((
        1,
        manifest.window,
        manifest.classes.len(),
    ))))?;
    bundle.golden().check(&network)?;
    Ok(network)
}

fn serve(network: &Network, feeds: &Feeds, runs: &AtomicU64) {
    loop {
        let job = select_biased! {
            recv(feeds.score) -> job => job,
            recv(feeds.explain) -> job => job,
        };
        match job {
            Ok(job) => answer(network, job, runs),
            Err(_) => return,
        }
    }
}

fn answer(network: &Network, job: Job, runs: &AtomicU64) {
    if job.reply.is_closed() {
        return;
    }
    runs.fetch_add(1, Ordering::Relaxed);
    let started_at = Instant::now();
    // A panic must cost one answer, not the thread.
    let ran = catch_unwind(AssertUnwindSafe(|| network.run(&job.batch)));
    let run = ran
        .unwrap_or(Err(NetworkError::Panicked))
        .map(|trajectories| Run {
            trajectories,
            queue: started_at - job.queued_at,
            network: started_at.elapsed(),
        });
    // Whoever left in the meantime needs no answer.
    let _ = job.reply.send(run);
}
