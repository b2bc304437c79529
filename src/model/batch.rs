//! What goes into the network and what comes out of it.

use ndarray::{Array3, ArrayView2, Axis};

use crate::history::Profile;

/// Profiles for one run of the network, `[B, T, K]`: as many sequences, all of the same length.
#[derive(Debug, Clone)]
pub struct Batch {
    inputs: Array3<f32>,
    memory: Option<Memory>,
}

/// What the LSTM carries from one period to the next, for each sequence of a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Memory {
    /// The hidden state of every layer, `[L, B, H]`.
    pub hidden: Array3<f32>,
    /// The cell of every layer, `[L, B, H]`.
    pub cell: Array3<f32>,
}

impl Batch {
    /// Sequences that begin from nothing: the memory is zero.
    #[must_use]
    pub fn new(inputs: Array3<f32>) -> Self {
        Self {
            inputs,
            memory: None,
        }
    }

    /// One customer's sequence.
    #[must_use]
    pub fn of_profile(profile: &Profile) -> Self {
        Self::new(profile.shares().insert_axis(Axis(0)).to_owned())
    }

    /// Sequences that go on from where others ended.
    #[must_use]
    pub fn continued(inputs: Array3<f32>, memory: Memory) -> Self {
        Self {
            inputs,
            memory: Some(memory),
        }
    }

    pub(super) fn inputs(&self) -> &Array3<f32> {
        &self.inputs
    }

    pub(super) fn memory(&self) -> Option<&Memory> {
        self.memory.as_ref()
    }
}

/// The network's answer to a [`Batch`]; every number is finite.
#[derive(Debug, Clone, PartialEq)]
pub struct Trajectories {
    /// The hidden state after each period, `[B, T, H]`, each number in -1..1.
    pub states: Array3<f32>,
    /// The outputs after each period, `[B, T, O]`; for the reference model degrees of membership, 0..1.
    pub outputs: Array3<f32>,
    /// What each sequence can be continued from.
    pub memory: Memory,
}

impl Trajectories {
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
