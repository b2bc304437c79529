//! Batch of sequences, the input of one run of a network.

use std::ops::Range;

use microseg_space::Shape;
use ndarray::{Array2, Array3, ArrayView2, Axis, Slice, concatenate};

use crate::RecurrentState;

/// Sequences for one run of a network, all of the same length: numbers `[B, T, N]`, and codes of categories `[B, T, C]`.
#[derive(Debug, Clone)]
pub struct Batch {
    numbers: Array3<f32>,
    categories: Array3<i64>,
    /// None when every sequence begins with zeros.
    recurrent_state: Option<RecurrentState>,
}

impl Batch {
    /// Sequences of numbers without categories, which begin with a recurrent state of zeros.
    #[must_use]
    pub fn new(numbers: Array3<f32>) -> Self {
        let (sequences, steps, _) = numbers.dim();
        Self::with_categories(numbers, Array3::zeros((sequences, steps, 0)))
    }

    /// Sequences of numbers `[B, T, N]` and categories `[B, T, C]`, which begin with a recurrent state of zeros.
    #[must_use]
    pub fn with_categories(numbers: Array3<f32>, categories: Array3<i64>) -> Self {
        Self {
            numbers,
            categories,
            recurrent_state: None,
        }
    }

    /// One sequence of numbers `[T, N]` and categories `[T, C]`, which begins with a recurrent state of zeros.
    #[must_use]
    pub fn of_steps(numbers: Array2<f32>, categories: Array2<i64>) -> Self {
        Self::with_categories(
            numbers.insert_axis(Axis(0)),
            categories.insert_axis(Axis(0)),
        )
    }

    /// Sequences of zeros, at least one step each, for a network of this shape.
    #[must_use]
    pub fn zeros(shape: &Shape, sequences: usize, steps: usize) -> Self {
        let steps = steps.max(1);
        Self::with_categories(
            Array3::zeros((sequences, steps, shape.numbers)),
            Array3::zeros((sequences, steps, shape.codes.len())),
        )
    }

    /// One sequence of numbers, `[T, N]`.
    #[must_use]
    pub fn of_sequence(sequence: ArrayView2<'_, f32>) -> Self {
        Self::new(sequence.insert_axis(Axis(0)).to_owned())
    }

    /// Sequences of numbers that are continued from where others ended.
    #[must_use]
    pub fn continued(numbers: Array3<f32>, recurrent_state: RecurrentState) -> Self {
        Self::new(numbers).after(Some(recurrent_state))
    }

    /// The same sequences, continued from where others ended; `None` for zeros.
    #[must_use]
    pub fn after(self, recurrent_state: Option<RecurrentState>) -> Self {
        Self {
            recurrent_state,
            ..self
        }
    }

    /// Several sequences of numbers, each `[T, N]`.
    ///
    /// # Panics
    /// When they are not equally long.
    #[must_use]
    pub fn of_sequences(sequences: &[ArrayView2<'_, f32>]) -> Self {
        let (steps, width) = sequences.first().map_or((0, 0), ArrayView2::dim);
        let mut numbers = Array3::zeros((sequences.len(), steps, width));
        for (sequence, mut place) in sequences.iter().zip(numbers.outer_iter_mut()) {
            place.assign(sequence);
        }
        Self::new(numbers)
    }

    /// Several batches of equally long sequences as one.
    #[must_use]
    pub fn join(batches: &[&Self]) -> Self {
        let states: Vec<_> = batches
            .iter()
            .map(|batch| (batch.sequences(), batch.recurrent_state()))
            .collect();
        Self {
            numbers: joined(batches.iter().map(|batch| &batch.numbers)),
            categories: joined(batches.iter().map(|batch| &batch.categories)),
            recurrent_state: RecurrentState::join(&states),
        }
    }

    /// Some of the sequences.
    #[must_use]
    pub fn part(&self, sequences: Range<usize>) -> Self {
        let state = self.recurrent_state.as_ref();
        Self {
            numbers: slice(&self.numbers, Axis(0), sequences.clone()),
            categories: slice(&self.categories, Axis(0), sequences.clone()),
            recurrent_state: state.map(|state| state.part(sequences)),
        }
    }

    /// Some of the steps of every sequence, without a recurrent state.
    #[must_use]
    pub fn steps_of(&self, steps: Range<usize>) -> Self {
        Self::with_categories(
            slice(&self.numbers, Axis(1), steps.clone()),
            slice(&self.categories, Axis(1), steps),
        )
    }

    /// How many sequences there are, B.
    #[must_use]
    pub fn sequences(&self) -> usize {
        self.numbers.len_of(Axis(0))
    }

    /// How many steps each sequence has, T.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.numbers.len_of(Axis(1))
    }

    /// The numbers of the inputs, `[B, T, N]`.
    #[must_use]
    pub fn numbers(&self) -> &Array3<f32> {
        &self.numbers
    }

    /// The codes of the inputs, `[B, T, C]`.
    #[must_use]
    pub fn categories(&self) -> &Array3<i64> {
        &self.categories
    }

    /// The recurrent state that the sequences begin with; none for zeros.
    #[must_use]
    pub fn recurrent_state(&self) -> Option<&RecurrentState> {
        self.recurrent_state.as_ref()
    }
}

/// Arrays of equally long sequences as one; empty when they are not equally long.
fn joined<'a, T: Clone + Default + 'a>(parts: impl Iterator<Item = &'a Array3<T>>) -> Array3<T> {
    let views: Vec<_> = parts.map(Array3::view).collect();
    concatenate(Axis(0), &views).unwrap_or_default()
}

fn slice<T: Clone>(array: &Array3<T>, axis: Axis, range: Range<usize>) -> Array3<T> {
    array.slice_axis(axis, Slice::from(range)).to_owned()
}
