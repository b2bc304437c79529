//! Loading of a network, with the checks that come before its first request.

use std::io;
use std::time::Duration;

use super::chunks::Runs;
use super::stoppable_network::StoppableNetwork;
use super::trial_steps::TrialSteps;
use crate::bundle::Bundle;
use crate::golden::GoldenError;
use crate::load_control::LoadControl;
use microseg_runtime::{Batch, Network, NetworkError};

/// Why a network could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The runtime cannot load the network, or run it.
    #[error("{file}: {source}")]
    Network {
        /// The network's file, such as `model.pt`.
        file: &'static str,
        /// The runtime's error.
        source: NetworkError,
    },
    /// The network does not give what PyTorch gave.
    #[error("golden.json: {0}")]
    Golden(#[from] GoldenError),
    /// The system gives no thread.
    #[error("no thread for the network: {0}")]
    Thread(#[from] io::Error),
    /// A run does not end.
    #[error("a run of the network did not end in {} s while it was loaded", .0.as_secs_f64())]
    Hung(Duration),
    /// The thread ended without a reason.
    #[error("a thread of the network ended at its start")]
    Ended,
}

/// Loads a copy of the bundle's network and runs the golden cases, which is its warm-up.
///
/// # Errors
/// [`StartError`] when it is not the network that the bundle describes, or `control` stops its runs.
pub(super) fn warm_network(
    bundle: &Bundle,
    control: &LoadControl,
) -> Result<StoppableNetwork, StartError> {
    let network = load_and_run(bundle).map_err(network_error(bundle))?;
    let network = StoppableNetwork::new(network, control.clone());
    bundle.golden().check(&network)?;
    if bundle.manifest().is_declared() {
        bundle.golden().check_continuation(&network)?;
    }
    Ok(network)
}

/// Runs the network of a bundle as it is run when it serves: the golden cases, and the largest batch that it runs, with scorings in
/// batches of up to `steps` steps.
pub(crate) fn try_network(bundle: &Bundle, steps: usize) -> Result<(), StartError> {
    let network = warm_network(bundle, &LoadControl::default())?;
    let runs = Runs::of(bundle.manifest(), steps);
    let longest = runs.longest();
    let members = TrialSteps::of_bundle(bundle).sequences(runs.most(longest), longest);
    let members: Vec<_> = members.iter().collect();
    let run = network.run(&Batch::join(&members));
    run.map(drop).map_err(network_error(bundle))
}

/// Names the bundle's network file in an error.
pub(super) fn network_error(bundle: &Bundle) -> impl Fn(NetworkError) -> StartError {
    let file = bundle.backend().network_file();
    move |source| StartError::Network { file, source }
}

fn load_and_run(bundle: &Bundle) -> Result<Box<dyn Network>, NetworkError> {
    let manifest = bundle.manifest();
    let network = bundle.backend().load(bundle.network(), manifest.shape())?;
    // All zeros is a legal profile. It comes first, so that another shape is reported as such, not as wrong numbers.
    let longest = Runs::of(manifest, 1).longest();
    network.run(&Batch::zeros(network.shape(), 1, longest))?;
    Ok(network)
}
