//! Batch of sequences, the input of one run of a network.

use std::ops::Range;

use ndarray::{Array3, ArrayView2, Axis, Slice};

use crate::RecurrentState;

/// Sequences for one run of a network, `[B, T, K]`, all of the same length.
#[derive(Debug, Clone)]
pub struct Batch {
    inputs: Array3<f32>,
    /// None when every sequence begins with zeros.
    recurrent_state: Option<RecurrentState>,
}

impl Batch {
    /// Sequences that begin with a recurrent state of zeros.
    #[must_use]
    pub fn new(inputs: Array3<f32>) -> Self {
        Self {
            inputs,
            recurrent_state: None,
        }
    }

    /// One sequence, `[T, K]`.
    #[must_use]
    pub fn of_sequence(sequence: ArrayView2<'_, f32>) -> Self {
        Self::new(sequence.insert_axis(Axis(0)).to_owned())
    }

    /// Sequences that are continued from where others ended.
    #[must_use]
    pub fn continued(inputs: Array3<f32>, recurrent_state: RecurrentState) -> Self {
        Self {
            inputs,
            recurrent_state: Some(recurrent_state),
        }
    }

    /// Several sequences, each `[T, K]`.
    ///
    /// # Panics
    /// When they are not equally long.
    #[must_use]
    pub fn of_sequences(sequences: &[ArrayView2<'_, f32>]) -> Self {
        let (steps, classes) = sequences.first().map_or((0, 0), ArrayView2::dim);
        let mut inputs = Array3::zeros((sequences.len(), steps, classes));
        for (sequence, mut input) in sequences.iter().zip(inputs.outer_iter_mut()) {
            input.assign(sequence);
        }
        Self::new(inputs)
    }

    /// Several batches of equally long sequences as one.
    #[must_use]
    pub fn join(batches: &[&Self]) -> Self {
        let (_, steps, classes) = batches.first().map_or((0, 0, 0), |one| one.inputs.dim());
        let numbers = batches
            .iter()
            .flat_map(|batch| batch.inputs.iter().copied());
        let numbers = numbers.collect();
        let states: Vec<_> = batches
            .iter()
            .map(|batch| (batch.sequences(), batch.recurrent_state()))
            .collect();
        let sequences = batches.iter().map(|batch| batch.sequences()).sum();
        let inputs = Array3::from_shape_vec((sequences, steps, classes), numbers);
        Self {
            inputs: inputs.unwrap_or_default(),
            recurrent_state: RecurrentState::join(&states),
        }
    }

    /// Some of the sequences.
    #[must_use]
    pub fn part(&self, sequences: Range<usize>) -> Self {
        let state = self.recurrent_state.as_ref();
        let inputs = self
            .inputs
            .slice_axis(Axis(0), Slice::from(sequences.clone()));
        Self {
            inputs: inputs.to_owned(),
            recurrent_state: state.map(|state| state.part(sequences)),
        }
    }

    /// The inputs, row after row, and the recurrent state.
    #[must_use]
    pub fn into_parts(self) -> (Vec<f32>, Option<RecurrentState>) {
        let inputs = if self.inputs.is_standard_layout() {
            let (numbers, offset) = self.inputs.into_raw_vec_and_offset();
            match offset {
                None | Some(0) => numbers,
                Some(offset) => numbers[offset..].to_vec(),
            }
        } else {
            self.inputs.iter().copied().collect()
        };
        (inputs, self.recurrent_state)
    }

    /// How many sequences there are, B.
    #[must_use]
    pub fn sequences(&self) -> usize {
        self.inputs.len_of(Axis(0))
    }

    /// The inputs, `[B, T, K]`.
    #[must_use]
    pub fn inputs(&self) -> &Array3<f32> {
        &self.inputs
    }

    /// The recurrent state that the sequences begin with; none for zeros.
    #[must_use]
    pub fn recurrent_state(&self) -> Option<&RecurrentState> {
        self.recurrent_state.as_ref()
    }
}
