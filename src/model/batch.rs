//! What goes into the network and what comes out of it.

use std::ops::Range;

use ndarray::{Array3, ArrayView2, Axis, Slice, concatenate};

use microseg_history::Profile;

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

    /// The sequences of several customers.
    ///
    /// # Panics
    /// When they are not equally long.
    #[must_use]
    pub fn of_profiles(profiles: &[Profile]) -> Self {
        let (steps, classes) = profiles.first().map_or((0, 0), |one| one.shares().dim());
        let mut inputs = Array3::zeros((profiles.len(), steps, classes));
        for (profile, mut input) in profiles.iter().zip(inputs.outer_iter_mut()) {
            input.assign(&profile.shares());
        }
        Self::new(inputs)
    }

    /// Several batches of equally long sequences as one.
    pub(super) fn join(batches: &[&Self]) -> Self {
        let (_, steps, classes) = batches.first().map_or((0, 0, 0), |one| one.inputs.dim());
        let sequences = batches
            .iter()
            .map(|batch| batch.inputs.len_of(Axis(0)))
            .sum();
        let numbers = batches
            .iter()
            .flat_map(|batch| batch.inputs.iter().copied());
        let numbers = numbers.collect();
        let memories: Vec<_> = batches
            .iter()
            .map(|batch| (batch.inputs.len_of(Axis(0)), batch.memory.as_ref()))
            .collect();
        let inputs = Array3::from_shape_vec((sequences, steps, classes), numbers);
        Self {
            inputs: inputs.unwrap_or_default(),
            memory: Memory::join(&memories),
        }
    }

    /// Some of the sequences.
    pub(super) fn part(&self, sequences: Range<usize>) -> Self {
        Self {
            memory: self
                .memory
                .as_ref()
                .map(|memory| memory.part(sequences.clone())),
            inputs: part(&self.inputs, Axis(0), sequences),
        }
    }

    /// The inputs, row after row, and the memory.
    pub(super) fn into_parts(self) -> (Vec<f32>, Option<Memory>) {
        let inputs = if self.inputs.is_standard_layout() {
            let (numbers, offset) = self.inputs.into_raw_vec_and_offset();
            match offset {
                None | Some(0) => numbers,
                Some(offset) => numbers[offset..].to_vec(),
            }
        } else {
            self.inputs.iter().copied().collect()
        };
        (inputs, self.memory)
    }

    pub(super) fn inputs(&self) -> &Array3<f32> {
        &self.inputs
    }

    pub(super) fn memory(&self) -> Option<&Memory> {
        self.memory.as_ref()
    }
}

impl Memory {
    /// The memories of a batch's members, each with the number of its sequences; nothing for none at all.
    pub(super) fn join(members: &[(usize, Option<&Self>)]) -> Option<Self> {
        let found = members.iter().find_map(|(_, memory)| *memory)?;
        let (layers, _, size) = found.hidden.dim();
        let join = |choose: fn(&Self) -> &Array3<f32>| {
            let parts: Vec<_> = members
                .iter()
                .map(|&(sequences, memory)| match memory {
                    Some(memory) => choose(memory).clone(),
                    None => Array3::zeros((layers, sequences, size)),
                })
                .collect();
            let views: Vec<_> = parts.iter().map(Array3::view).collect();
            concatenate(Axis(1), &views).ok()
        };
        Some(Self {
            hidden: join(|memory| &memory.hidden)?,
            cell: join(|memory| &memory.cell)?,
        })
    }

    fn part(&self, sequences: Range<usize>) -> Self {
        Self {
            hidden: part(&self.hidden, Axis(1), sequences.clone()),
            cell: part(&self.cell, Axis(1), sequences),
        }
    }
}

fn part(numbers: &Array3<f32>, axis: Axis, sequences: Range<usize>) -> Array3<f32> {
    numbers.slice_axis(axis, Slice::from(sequences)).to_owned()
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
    /// What came of some of the sequences.
    #[must_use]
    pub fn part(&self, sequences: Range<usize>) -> Self {
        Self {
            states: part(&self.states, Axis(0), sequences.clone()),
            outputs: part(&self.outputs, Axis(0), sequences.clone()),
            memory: self.memory.part(sequences),
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
