//! Trajectories of a batch, the result of one run of a network.

use std::ops::Range;

use ndarray::{Array3, ArrayView2, Axis, Slice};

use crate::RecurrentState;

/// What a network gives for a [`Batch`](crate::Batch); every number is finite.
#[derive(Debug, Clone, PartialEq)]
pub struct Trajectories {
    /// The hidden state after each period, `[B, T, H]`, each number in -1..1.
    pub states: Array3<f32>,
    /// The outputs after each period, `[B, T, O]`; for the reference model degrees of membership, 0..1.
    pub outputs: Array3<f32>,
    /// The recurrent state after the last period, from which each sequence can be continued.
    pub recurrent_state: RecurrentState,
}

impl Trajectories {
    /// The trajectories of some of the sequences.
    #[must_use]
    pub fn part(&self, sequences: Range<usize>) -> Self {
        let part = |steps: &Array3<f32>| {
            let part = steps.slice_axis(Axis(0), Slice::from(sequences.clone()));
            part.to_owned()
        };
        Self {
            states: part(&self.states),
            outputs: part(&self.outputs),
            recurrent_state: self.recurrent_state.part(sequences.clone()),
        }
    }

    /// The last state of every sequence, `[B, H]`.
    ///
    /// # Panics
    /// Never: a batch has at least one step.
    #[must_use]
    pub fn final_states(&self) -> ArrayView2<'_, f32> {
        last_step(&self.states)
    }

    /// The last outputs of every sequence, `[B, O]`.
    ///
    /// # Panics
    /// Never: a batch has at least one step.
    #[must_use]
    pub fn final_outputs(&self) -> ArrayView2<'_, f32> {
        last_step(&self.outputs)
    }
}

fn last_step(steps: &Array3<f32>) -> ArrayView2<'_, f32> {
    steps.index_axis(Axis(1), steps.len_of(Axis(1)) - 1)
}
