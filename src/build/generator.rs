//! Random generators of a build: one independent stream of one seed for each purpose.

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

/// The purpose of a stream of draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stream {
    /// The sample of final steps.
    FinalSteps = 0,
    /// The sample of trajectories.
    Trajectories = 1,
    /// The starts of the search for attractors.
    Starts = 2,
    /// The choice of held-out customers.
    HeldOut = 3,
    /// The sample of steps.
    Steps = 4,
}

/// The generator of one stream.
pub(super) fn generator(seed: u64, stream: Stream) -> ChaCha8Rng {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    generator.set_stream(stream as u64);
    generator
}
