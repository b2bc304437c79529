//! Whoever runs the network: threads that own a copy of it, fed by a queue, and the threads of requests themselves.

use microseg_problem::{Problem, ProblemKind};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use ndarray::{Array3, Axis};
use tokio::sync::oneshot;

use super::golden::GoldenError;
use super::metrics::NetworkMetrics;
use super::network::{Network, NetworkError};
use super::queue::{Bounds, Forming, Lane, Member, Queue};
use super::spares::{Borrowed, Spares};
use super::steadiness::{Steadiness, probe};
use super::{Batch, Bundle, Capacity, Trajectories};

/// A full batch that takes no longer may run on a thread that has requests to answer.
const QUICK: Duration = Duration::from_millis(4);

/// How often a batch is timed before it counts as slow.
const TRIES: usize = 5;

/// So many sequences share what a run costs before the first of them: it is not put off for more.
const WORTH_A_RUN: usize = 32;

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
pub(super) struct Workers {
    queue: Arc<Queue>,
    threads: Vec<JoinHandle<()>>,
    metrics: NetworkMetrics,
    continues: bool,
    /// For scorings on their own threads; none where a batch takes long.
    spares: Spares,
}

impl fmt::Debug for Workers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Workers")
            .field("threads", &self.threads.len())
            .finish_non_exhaustive()
    }
}

impl Workers {
    /// Starts the threads and waits until each has loaded the network, met every golden case and warmed up.
    pub(super) fn start(bundle: &Bundle, capacity: Capacity) -> Result<Self, StartError> {
        let threads = capacity.threads.max(1);
        let (steadiness, spares) =
            try_out(bundle, capacity.batch_steps, Spares::worth_having(threads))?;
        let queue = Queue::new(Bounds {
            waiting: capacity.queue.max(1),
            steps: capacity.batch_steps,
            together: steadiness.together,
        });
        let (started, starts) = sync_channel(threads);
        let mut workers = Self {
            queue: Arc::new(queue),
            threads: Vec::new(),
            metrics: NetworkMetrics::default(),
            continues: steadiness.continues,
            spares: Spares::new(spares),
        };
        for number in 0..threads {
            let (bundle, started) = (bundle.clone(), started.clone());
            let (queue, metrics) = (workers.queue.clone(), workers.metrics.clone());
            let body = move || match warm_network(&bundle) {
                Ok(network) => {
                    if started.send(Ok(())).is_ok() {
                        drop(started);
                        let mut warm = Some(network);
                        outlive_panics(&metrics, || {
                            // Whatever panicked may have left its network in the middle of something.
                            let network = match warm.take() {
                                Some(network) => network,
                                None => warm_network(&bundle)?,
                            };
                            while let Some(forming) = queue.next() {
                                serve(&network, forming, &metrics);
                            }
                            Ok(())
                        });
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

    pub(super) fn metrics(&self) -> &NetworkMetrics {
        &self.metrics
    }

    /// How many sequences of so many steps may run as one batch and still each give the numbers it gives alone.
    pub(super) fn batch_limit(&self, steps: usize) -> usize {
        self.queue.bounds().sequences(steps)
    }

    /// Whether a run that goes on from the memory of another gives the numbers that both give at once.
    pub(super) fn continues(&self) -> bool {
        self.continues
    }

    /// Queues a batch and waits for its run; dropping the future takes the batch back.
    pub(super) async fn run(&self, lane: Lane, batch: Batch) -> Result<Run, RunError> {
        let (reply, answer) = oneshot::channel();
        match lane {
            Lane::Score => {
                if self.queue.add(lane, batch, reply)? {
                    let begun = Begun {
                        queue: &self.queue,
                        answer: &answer,
                    };
                    if let Some(spare) = self.spares.borrow().await {
                        self.gather().await;
                        self.run_scorings(&spare, &answer);
                    }
                    drop(begun);
                }
            }
            Lane::Explain | Lane::Bulk => self.queue.push(lane, batch, reply)?,
        }
        Ok(answer.await.map_err(|_| RunError::Stopped)??)
    }

    /// Lets those go first who are ready on this thread: a request whose body has arrived joins the batch. Nobody is
    /// waited for who is not ready.
    async fn gather(&self) {
        let mut gathered = self.queue.scorings();
        loop {
            tokio::task::yield_now().await;
            let waiting = self.queue.scorings();
            if waiting <= gathered || waiting >= WORTH_A_RUN {
                return;
            }
            gathered = waiting;
        }
    }

    /// Runs what waits on the caller's own thread until the caller has an answer; what is left is for the others.
    fn run_scorings(
        &self,
        spare: &Borrowed<'_>,
        answer: &oneshot::Receiver<Result<Run, NetworkError>>,
    ) {
        if let Some(network) = spare.network() {
            while answer.is_empty()
                && let Some(forming) = self.queue.next_of_scorings()
            {
                serve(network, forming, &self.metrics);
            }
        }
    }
}

/// Held by whoever begins a batch: when he leaves before it is run, or has no network to run it with, others do.
struct Begun<'a> {
    queue: &'a Queue,
    answer: &'a oneshot::Receiver<Result<Run, NetworkError>>,
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        if self.answer.is_empty() {
            self.queue.wake();
        }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.queue.close();
        for thread in self.threads.drain(..) {
            // A thread that panicked has nothing left to hand over.
            let _ = thread.join();
        }
    }
}

/// Finds out, on a thread of its own, what can be done with the network without changing its numbers; gives as many
/// spare copies as asked for, if a full batch is quick enough for a thread that has requests to answer.
fn try_out(
    bundle: &Bundle,
    steps: usize,
    spares: usize,
) -> Result<(Steadiness, Vec<Network>), StartError> {
    thread::scope(|scope| {
        let try_out = || {
            let network = warm_network(bundle)?;
            let window = bundle.manifest().window;
            let steadiness = probe(&network, &bundle.golden().rows(), 1..=window, steps)?;
            let full = (steps / window).clamp(1, steadiness.together);
            let classes = bundle.manifest().classes.len();
            let batch = Batch::new(Array3::zeros((full, window, classes)));
            // The first run of a size may compile code for it.
            network.run(&batch)?;
            let full_batch = least_time(|| network.run(&batch).map(drop))?;
            tracing::debug!(?steadiness, ?full_batch, "tried the network out");
            if full_batch > QUICK {
                return Ok((steadiness, Vec::new()));
            }
            let copies = (1..spares).map(|_| warm_network(bundle));
            let mut networks = copies.collect::<Result<Vec<_>, StartError>>()?;
            networks.push(network);
            Ok((steadiness, networks))
        };
        let trying = thread::Builder::new().spawn_scoped(scope, try_out)?;
        trying.join().map_err(|_| StartError::Ended)?
    })
}

/// How long something takes that a busy machine does not disturb: what disturbs it only adds to its time. It is timed
/// again only while it seems slow.
fn least_time<E>(mut run: impl FnMut() -> Result<(), E>) -> Result<Duration, E> {
    let mut least = Duration::MAX;
    for _ in 0..TRIES {
        let begun = Instant::now();
        run()?;
        least = least.min(begun.elapsed());
        if least <= QUICK {
            break;
        }
    }
    Ok(least)
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

/// Does some work again each time that it panics: a thread that dies is replaced, and counted.
fn outlive_panics(metrics: &NetworkMetrics, mut work: impl FnMut() -> Result<(), StartError>) {
    loop {
        match catch_unwind(AssertUnwindSafe(&mut work)) {
            Ok(Ok(())) => return,
            Ok(Err(error)) => {
                tracing::error!(%error, "a thread of the network could not be replaced");
                return;
            }
            Err(_) => {
                tracing::error!("a thread of the network died and is replaced");
                metrics.replaced();
            }
        }
    }
}

fn serve(network: &Network, forming: Forming, metrics: &NetworkMetrics) {
    if let Some((batch, members)) = forming.close() {
        answer(network, &batch, members, metrics);
    }
}

fn answer(network: &Network, batch: &Batch, members: Vec<Member>, metrics: &NetworkMetrics) {
    let started_at = Instant::now();
    let ran = run(network, batch);
    let took = started_at.elapsed();
    metrics.ran(batch.inputs().len_of(Axis(0)), took);
    let answered = |member: &Member, trajectories, network| Run {
        trajectories,
        queue: started_at.saturating_duration_since(member.queued_at),
        network,
    };
    let members = match <[Member; 1]>::try_from(members) {
        Ok([member]) => {
            let answer = ran.map(|trajectories| answered(&member, trajectories, took));
            // Whoever left in the meantime needs no answer.
            let _ = member.reply.send(answer);
            return;
        }
        Err(several) => several,
    };
    let mut first = 0;
    for member in members {
        let own = first..first + member.sequences;
        first = own.end;
        let answer = match &ran {
            Ok(trajectories) => Ok(answered(&member, trajectories.part(own), took)),
            // One of them is at fault: the others have a right to their answer.
            Err(_) => run(network, &batch.part(own))
                .map(|trajectories| answered(&member, trajectories, started_at.elapsed())),
        };
        let _ = member.reply.send(answer);
    }
}

fn run(network: &Network, batch: &Batch) -> Result<Trajectories, NetworkError> {
    // A panic must cost one answer, not the thread.
    catch_unwind(AssertUnwindSafe(|| network.run(batch))).unwrap_or(Err(NetworkError::Panicked))
}

impl From<RunError> for Problem {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Busy => Self::new(
                ProblemKind::Busy,
                "too many requests are waiting for the network",
            ),
            RunError::Stopped => Self::new(ProblemKind::NotReady, "the network has been stopped"),
            // libtorch's words are for the log.
            RunError::Network(_) => {
                Self::new(ProblemKind::Internal, "the network could not be run")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_panics_is_done_again() {
        let metrics = NetworkMetrics::default();
        let mut begun = 0;
        outlive_panics(&metrics, || {
            begun += 1;
            assert!(begun > 2, "the first two fail");
            Ok(())
        });
        assert_eq!((begun, metrics.times_replaced()), (3, 2));
    }

    #[test]
    fn a_network_that_a_busy_machine_disturbs_once_is_quick_all_the_same() {
        let mut runs = 0;
        let least = least_time(|| {
            runs += 1;
            let begun = Instant::now();
            while runs == 1 && begun.elapsed() <= QUICK {
                std::hint::spin_loop();
            }
            Ok::<_, ()>(())
        });
        assert!(least.is_ok_and(|least| least <= QUICK));
        assert!(runs > 1);
        assert!(least_time(|| Err(())).is_err());
    }
}
