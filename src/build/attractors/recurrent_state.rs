//! Operations on the recurrent states of sequences.

use ndarray::{Array1, Axis};

use microseg_runtime::RecurrentState;

/// Fixed points closer than this in every number are one.
pub(super) const SAME: f32 = 1e-3;

/// The state of one sequence, tensors of `[L, 1, N]`.
pub(super) fn one_of(states: &RecurrentState, sequence: usize) -> RecurrentState {
    states.part(sequence..sequence + 1)
}

/// The numbers of one sequence's state: the hidden states of all layers, then their cells.
pub(super) fn flat(state: &RecurrentState) -> Array1<f32> {
    state.numbers().collect()
}

/// The largest change of any number of a sequence's state.
pub(super) fn largest_change(
    before: &RecurrentState,
    after: &RecurrentState,
    sequence: usize,
) -> f32 {
    before
        .values()
        .zip(after.values())
        .flat_map(|(before, after)| {
            let before = before.index_axis(Axis(1), sequence);
            let after = after.index_axis(Axis(1), sequence);
            before.into_iter().zip(after)
        })
        .map(|(before, after)| (after - before).abs())
        .fold(0.0, f32::max)
}

/// Whether two sequences have the same state, up to [`SAME`].
pub(super) fn is_same(states: &RecurrentState, one: usize, other: usize) -> bool {
    states.values().all(|part| {
        let (one, other) = (
            part.index_axis(Axis(1), one),
            part.index_axis(Axis(1), other),
        );
        one.iter().zip(other).all(|(a, b)| (a - b).abs() < SAME)
    })
}
