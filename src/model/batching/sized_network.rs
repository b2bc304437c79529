//! Network whose batches have the sizes that keep its numbers.

use super::batch_size::{BatchSize, BatchSizes};
use microseg_runtime::{Batch, Guarantees, Network, NetworkError, Trajectories};
use microseg_space::Shape;

/// Divides batches that are too large for a network, and fills those that are too small, so that every sequence gets the
/// numbers that it gets in a batch of its own.
pub(super) struct SizedNetwork {
    network: Box<dyn Network>,
    sizes: BatchSizes,
}

impl SizedNetwork {
    pub(super) fn new(network: Box<dyn Network>, sizes: BatchSizes) -> Self {
        Self { network, sizes }
    }
}

impl Network for SizedNetwork {
    fn shape(&self) -> &Shape {
        self.network.shape()
    }

    fn guarantees(&self) -> Guarantees {
        self.network.guarantees()
    }

    fn run(&self, batch: &Batch) -> Result<Trajectories, NetworkError> {
        match self.sizes.of(batch.steps()) {
            BatchSize::UpTo(_) => self.network.run(batch),
            BatchSize::Exactly(size) => run_in_fixed_size(&*self.network, batch, size),
        }
    }
}

/// Runs a batch as batches of exactly `size` sequences; its own first sequence fills up the last one.
///
/// # Errors
/// As [`Network::run`].
pub(super) fn run_in_fixed_size(
    network: &dyn Network,
    batch: &Batch,
    size: usize,
) -> Result<Trajectories, NetworkError> {
    let sequences = batch.sequences();
    let starts = (0..sequences).step_by(size.max(1));
    let runs = starts.map(|first| {
        let part = batch.part(first..sequences.min(first + size));
        let own = part.sequences();
        if own == size {
            return network.run(&part);
        }
        let first = part.part(0..1);
        let mut members = vec![&part];
        members.resize(1 + size - own, &first);
        let ran = network.run(&Batch::join(&members))?;
        Ok(ran.part(0..own))
    });
    let runs = runs.collect::<Result<Vec<_>, _>>()?;
    Ok(Trajectories::together(runs))
}
