//! Settling: the network run on held profiles until its recurrent states stop changing.

use ndarray::{Array2, Array3};

use super::recurrent_state::largest_change;
use microseg_runtime::{Batch, Network, NetworkError, RecurrentState};

/// The most periods of a run.
pub(super) const MOST_PERIODS: usize = 2_048;

/// The periods between two checks whether a run has settled.
const BLOCK: usize = 31;

/// A run has settled when no number of its recurrent state changes by more than this in a period.
const SETTLED: f32 = 1e-6;

/// Several sequences after the last period of a run.
pub(super) struct SettledRun {
    pub(super) recurrent_states: RecurrentState,
    /// The states after the last period, `[B, H]`.
    pub(super) states: Array2<f32>,
    /// Whether each sequence has settled.
    pub(super) settled: Vec<bool>,
}

/// Holds each sequence's profile until all recurrent states have settled, or for [`MOST_PERIODS`].
pub(super) fn settle(
    network: &dyn Network,
    profiles: &[&[f32]],
    start: RecurrentState,
) -> Result<SettledRun, NetworkError> {
    let classes = network.shape().numbers;
    let held = |periods| {
        Array3::from_shape_fn(
            (profiles.len(), periods, classes),
            |(sequence, _, class)| profiles[sequence][class],
        )
    };
    let (block, single) = (held(BLOCK), held(1));
    let mut recurrent_states = start;
    let mut periods = 0;
    loop {
        let before = network
            .run(&Batch::continued(block.clone(), recurrent_states))?
            .recurrent_state;
        let last = network.run(&Batch::continued(single.clone(), before.clone()))?;
        let states = last.final_states().to_owned();
        recurrent_states = last.recurrent_state;
        periods += BLOCK + 1;
        let settled: Vec<bool> = (0..profiles.len())
            .map(|sequence| largest_change(&before, &recurrent_states, sequence) <= SETTLED)
            .collect();
        if periods >= MOST_PERIODS || settled.iter().all(|settled| *settled) {
            return Ok(SettledRun {
                recurrent_states,
                states,
                settled,
            });
        }
    }
}
