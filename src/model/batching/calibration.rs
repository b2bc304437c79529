//! Calibration of a network when a model is loaded: how it may be run without changing its numbers, and how fast it is.

use std::thread;

use ndarray::Array3;

use super::batch_invariance::BatchInvariance;
use super::caller_thread::is_quick;
use super::warm_network::{StartError, network_error, warm_network};
use crate::bundle::Bundle;
use microseg_runtime::{Batch, Network, NetworkError};

/// What was measured of a network.
pub(super) struct Calibration {
    pub(super) batch_invariance: BatchInvariance,
    /// Copies for the threads of callers; empty when a full batch takes too long for them.
    pub(super) caller_networks: Vec<Box<dyn Network>>,
}

/// Measures the bundle's network on a thread of its own, with batches of up to `steps` steps, and loads so many `copies` for
/// the threads of callers.
pub(super) fn calibrate(
    bundle: &Bundle,
    steps: usize,
    copies: usize,
) -> Result<Calibration, StartError> {
    thread::scope(|scope| {
        let thread = thread::Builder::new()
            .spawn_scoped(scope, || measure_and_copy(bundle, steps, copies))?;
        thread.join().map_err(|_| StartError::Ended)?
    })
}

fn measure_and_copy(
    bundle: &Bundle,
    steps: usize,
    copies: usize,
) -> Result<Calibration, StartError> {
    let network = warm_network(bundle)?;
    let measured = measure(&*network, bundle, steps).map_err(network_error(bundle));
    let (batch_invariance, is_quick) = measured?;
    let mut caller_networks = Vec::new();
    if is_quick {
        let others = (1..copies).map(|_| warm_network(bundle));
        caller_networks = others.collect::<Result<_, StartError>>()?;
        caller_networks.push(network);
    }
    Ok(Calibration {
        batch_invariance,
        caller_networks,
    })
}

/// Batch invariance, and whether a full batch is quick enough for the threads of callers.
fn measure(
    network: &dyn Network,
    bundle: &Bundle,
    steps: usize,
) -> Result<(BatchInvariance, bool), NetworkError> {
    let window = bundle.manifest().window;
    let rows = bundle.golden().rows();
    let batch_invariance = BatchInvariance::measure(network, &rows, 1..=window, steps)?;
    let full = (steps / window).clamp(1, batch_invariance.sequences);
    let classes = bundle.manifest().classes.len();
    let batch = Batch::new(Array3::zeros((full, window, classes)));
    // The first run of a size may compile code for it.
    network.run(&batch)?;
    let (is_quick, full_batch) = is_quick(|| network.run(&batch).map(drop))?;
    tracing::debug!(?batch_invariance, ?full_batch, "calibrated the network");
    Ok((batch_invariance, is_quick))
}
