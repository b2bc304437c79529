//! Calibration of a network when a model is loaded: how it may be run without changing its numbers, and how fast it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use super::batch_invariance::BatchInvariance;
use super::chunks::Runs;
use super::run_limit::RunLimit;
use super::scoring_threads::is_quick;
use super::stoppable_network::StoppableNetwork;
use super::trial_steps::TrialSteps;
use super::warm_network::{StartError, network_error, warm_network};
use crate::bundle::Bundle;
use crate::capacity::Capacity;
use crate::load_control::LoadControl;
use microseg_runtime::{Batch, Guarantees, Network, NetworkError, Trajectories};
use microseg_space::Shape;

/// What was measured of a network.
#[derive(Debug, Clone, Copy)]
pub(super) struct Calibration {
    pub(super) batch_invariance: BatchInvariance,
    /// Whether a full batch is quick enough for scoring threads.
    pub(super) is_quick: bool,
    pub(super) limit: RunLimit,
}

/// Measures the bundle's network on a thread of its own, which is given up when one run takes too long.
pub(super) fn calibrate(
    bundle: &Bundle,
    capacity: Capacity,
    control: &LoadControl,
) -> Result<Calibration, StartError> {
    let runs = Arc::new(AtomicU64::new(0));
    let (done, result) = sync_channel(1);
    let (own, counted, stop) = (bundle.clone(), runs.clone(), control.clone());
    let measure = move || {
        // Once the thread was given up, nothing receives.
        let _ = done.send(measure(&own, capacity, counted, &stop));
    };
    let thread = thread::Builder::new()
        .name("network-calibration".to_owned())
        .spawn(measure)?;
    let calibration = receive(
        &result,
        &runs,
        RunLimit::while_loading(capacity.network_timeout),
    );
    if matches!(calibration, Err(StartError::Hung(_))) {
        control.hung.add();
    } else {
        thread.join().map_err(|_| StartError::Ended)?;
    }
    calibration
}

/// Waits for the result as long as runs end: one that takes longer than `limit` is given up, at the latest after twice as long.
fn receive(
    result: &Receiver<Result<Calibration, StartError>>,
    runs: &AtomicU64,
    limit: Duration,
) -> Result<Calibration, StartError> {
    let mut before = runs.load(Ordering::Relaxed);
    loop {
        match result.recv_timeout(limit) {
            Ok(calibration) => return calibration,
            Err(RecvTimeoutError::Disconnected) => return Err(StartError::Ended),
            Err(RecvTimeoutError::Timeout) => {
                let now = runs.load(Ordering::Relaxed);
                if now == before {
                    return Err(StartError::Hung(limit));
                }
                before = now;
            }
        }
    }
}

fn measure(
    bundle: &Bundle,
    capacity: Capacity,
    runs: Arc<AtomicU64>,
    control: &LoadControl,
) -> Result<Calibration, StartError> {
    let network = CountedNetwork {
        network: warm_network(bundle, control)?,
        runs,
    };
    // Golden cases again, with a warm network: their time is the measure of how long a run may take.
    let step = bundle.golden().slowest_step(&network)?;
    let limit = RunLimit::new(capacity.network_timeout, step);
    let measured = measure_warm(&network, bundle, capacity);
    let (batch_invariance, is_quick) = measured.map_err(network_error(bundle))?;
    Ok(Calibration {
        batch_invariance,
        is_quick,
        limit,
    })
}

/// Batch invariance, and whether a full batch is quick enough for scoring threads.
fn measure_warm(
    network: &dyn Network,
    bundle: &Bundle,
    capacity: Capacity,
) -> Result<(BatchInvariance, bool), NetworkError> {
    let runs = Runs::of(bundle.manifest(), capacity.batch_steps);
    let longest = runs.longest();
    let tried = TrialSteps::of_bundle(bundle);
    // Of a bundle of schema 2 there may be records with the numbers of sequences that ran alone.
    let may_fix = bundle.manifest().is_declared();
    let batch_invariance = BatchInvariance::measure(
        network,
        tried,
        &runs,
        capacity.calibration_sequences,
        may_fix,
    )?;
    let full = batch_invariance
        .sizes
        .of(longest)
        .limit(runs.affordable(longest));
    let batch = Batch::zeros(network.shape(), full, longest);
    // The first run of a size may compile code for it.
    network.run(&batch)?;
    let (is_quick, full_batch) = is_quick(|| network.run(&batch).map(drop))?;
    tracing::debug!(?batch_invariance, ?full_batch, "calibrated the network");
    Ok((batch_invariance, is_quick))
}

/// A network that counts the runs that have ended, so that another thread sees whether one hangs.
struct CountedNetwork {
    network: StoppableNetwork,
    runs: Arc<AtomicU64>,
}

impl Network for CountedNetwork {
    fn shape(&self) -> &Shape {
        self.network.shape()
    }

    fn guarantees(&self) -> Guarantees {
        self.network.guarantees()
    }

    fn run(&self, batch: &Batch) -> Result<Trajectories, NetworkError> {
        let run = self.network.run(batch);
        self.runs.fetch_add(1, Ordering::Relaxed);
        run
    }
}
