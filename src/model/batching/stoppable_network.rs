//! Network whose next run can be refused while a model is loaded.

use crate::load_control::LoadControl;
use microseg_runtime::{Batch, Guarantees, Network, NetworkError, Trajectories};
use microseg_space::Shape;

/// Refuses runs once loading is stopped.
pub(super) struct StoppableNetwork {
    network: Box<dyn Network>,
    control: LoadControl,
}

impl StoppableNetwork {
    pub(super) fn new(network: Box<dyn Network>, control: LoadControl) -> Self {
        Self { network, control }
    }

    /// The network, which serves from now on.
    pub(super) fn into_inner(self) -> Box<dyn Network> {
        self.network
    }
}

impl Network for StoppableNetwork {
    fn shape(&self) -> &Shape {
        self.network.shape()
    }

    fn guarantees(&self) -> Guarantees {
        self.network.guarantees()
    }

    /// # Errors
    /// [`NetworkError::Stopped`] once loading is stopped, or as the network's own run.
    fn run(&self, batch: &Batch) -> Result<Trajectories, NetworkError> {
        if self.control.is_stopped() {
            return Err(NetworkError::Stopped);
        }
        self.network.run(batch)
    }
}
