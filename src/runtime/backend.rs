//! Interface between microseg and a runtime that executes networks.

use std::fmt::Debug;

use crate::{Batch, NetworkError, RecurrentState, RuntimeIdentity, Trajectories};
use microseg_space::Shape;

/// A runtime that loads networks of one file format.
pub trait Backend: Debug + Sync {
    /// Name, version and device of the runtime; part of every explanation.
    fn identity(&self) -> RuntimeIdentity;

    /// The name of the network's file in a bundle, such as `model.pt`.
    fn network_file(&self) -> &'static str;

    /// Loads a network of a known shape.
    ///
    /// # Errors
    /// [`NetworkError::Backend`] when the bytes are no network that this runtime can load.
    fn load(&self, bytes: &[u8], shape: &Shape) -> Result<Box<dyn Network>, NetworkError>;

    /// Loads an LSTM of which only the numbers of its input are known, N. Sizes that `known` does not give are read from the
    /// parameters of the network, and the number of outputs from a run.
    ///
    /// # Errors
    /// [`NetworkError::Sizes`] when the parameters do not show the sizes; any other variant when the first run fails.
    fn discover(
        &self,
        bytes: &[u8],
        numbers: usize,
        known: KnownSizes,
    ) -> Result<Box<dyn Network>, NetworkError>;
}

/// One loaded network. It is run by one thread at a time, and may be moved to another thread between two runs.
pub trait Network: Send {
    /// The sizes of its input, its recurrent state and its outputs.
    fn shape(&self) -> &Shape;

    /// The runtime's promises about the bits of its numbers.
    fn guarantees(&self) -> Guarantees;

    /// The recurrent state that a sequence begins with when none is given: zeros, for so many sequences.
    fn zero_state(&self, sequences: usize) -> RecurrentState {
        RecurrentState::zeros(self.shape(), sequences)
    }

    /// Runs the sequences of a batch.
    ///
    /// # Errors
    /// [`NetworkError`] when the runtime refuses, when a tensor has another shape than [`Network::shape`] promises, or
    /// when a number is not finite.
    fn run(&self, batch: &Batch) -> Result<Trajectories, NetworkError>;

    /// Runs two sequences of zeros over `steps`, at least one: a network of another signature or shape fails here.
    /// Two, because a network that takes only one sequence would fail later.
    ///
    /// # Errors
    /// As [`Network::run`].
    fn check_signature(&self, steps: usize) -> Result<(), NetworkError> {
        self.run_twice(&Batch::zeros(self.shape(), 2, steps))
            .map(drop)
    }

    /// The numbers of a batch that runs twice: a network whose numbers are not the same to the last bit fails, since records
    /// are verified bit for bit.
    ///
    /// # Errors
    /// [`NetworkError::Unsteady`] with the difference; else as [`Network::run`].
    fn run_twice(&self, batch: &Batch) -> Result<Trajectories, NetworkError> {
        let (one, other) = (self.run(batch)?, self.run(batch)?);
        match one.difference(&other) {
            None => Ok(one),
            Some((tensor, difference)) => Err(NetworkError::Unsteady {
                tensor,
                difference: format!("{difference:e}"),
            }),
        }
    }
}

/// Sizes of a recurrent network that are known before it is loaded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KnownSizes {
    /// Recurrent layers, L.
    pub layers: Option<usize>,
    /// Dimensions of the state, H.
    pub hidden_size: Option<usize>,
}

/// What a runtime promises about the bits of a network's numbers. What it does not promise is measured when a model is
/// loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guarantees {
    /// A sequence has the same bits in a batch of any size as alone.
    pub batch_invariant: bool,
    /// A run that is continued from a recurrent state has the same bits as one run over both parts.
    pub continuable: bool,
}

impl Guarantees {
    /// No promise: everything is measured.
    pub const NONE: Self = Self {
        batch_invariant: false,
        continuable: false,
    };
}
