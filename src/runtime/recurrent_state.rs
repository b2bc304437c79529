//! Recurrent state of a network: named tensors that one period passes to the next.

use std::borrow::Cow;
use std::ops::Range;

use microseg_space::Shape;
use ndarray::{Array3, Axis, CowArray, Ix3, Slice, concatenate};

/// What a recurrent network carries from one period to the next, for each sequence of a batch. An LSTM has the tensors
/// `h` and `c`, a GRU has `h` alone.
#[derive(Debug, Clone, PartialEq)]
pub struct RecurrentState {
    tensors: Vec<StateTensor>,
}

/// One tensor of a recurrent state.
#[derive(Debug, Clone, PartialEq)]
pub struct StateTensor {
    /// The name in the network's signature, such as `h`.
    pub name: Cow<'static, str>,
    /// The numbers of every layer and sequence, `[L, B, N]`.
    pub values: Array3<f32>,
}

/// The sequences of one member of a batch: how many, and their recurrent state; none for zeros.
type Member<'a> = (usize, Option<&'a RecurrentState>);

impl RecurrentState {
    /// From names and values `[L, B, N]`, in the order of the network's signature.
    #[must_use]
    pub fn new(tensors: impl IntoIterator<Item = (&'static str, Array3<f32>)>) -> Self {
        let tensors = tensors.into_iter().map(|(name, values)| StateTensor {
            name: Cow::Borrowed(name),
            values,
        });
        tensors.collect()
    }

    /// Zeros for so many sequences of a network of this shape.
    #[must_use]
    pub fn zeros(shape: &Shape, sequences: usize) -> Self {
        let tensors = shape.recurrent_state.iter();
        let zeros = tensors.map(|tensor| StateTensor {
            name: tensor.name.clone().into(),
            values: Array3::zeros((tensor.layers, sequences, tensor.size)),
        });
        zeros.collect()
    }

    /// The tensors, in the order of the network's signature.
    #[must_use]
    pub fn tensors(&self) -> &[StateTensor] {
        &self.tensors
    }

    /// The values of the tensor of this name, `[L, B, N]`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Array3<f32>> {
        let found = self.tensors.iter().find(|tensor| tensor.name == name);
        found.map(|tensor| &tensor.values)
    }

    /// The values of each tensor, `[L, B, N]`.
    pub fn values(&self) -> impl Iterator<Item = &Array3<f32>> {
        self.tensors.iter().map(|tensor| &tensor.values)
    }

    /// The values of each tensor, to be changed, `[L, B, N]`.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Array3<f32>> {
        self.tensors.iter_mut().map(|tensor| &mut tensor.values)
    }

    /// All numbers, tensor by tensor, row after row.
    pub fn numbers(&self) -> impl Iterator<Item = f32> {
        self.values().flatten().copied()
    }

    /// Sets the numbers of one sequence, in the order of [`RecurrentState::numbers`].
    ///
    /// # Panics
    /// When there are not so many sequences.
    pub fn set_sequence(&mut self, sequence: usize, numbers: impl IntoIterator<Item = f32>) {
        let places = self
            .values_mut()
            .flat_map(|values| values.index_axis_mut(Axis(1), sequence).into_iter());
        for (place, number) in places.zip(numbers) {
            *place = number;
        }
    }

    /// How many sequences there are, B.
    #[must_use]
    pub fn sequences(&self) -> usize {
        let first = self.tensors.first();
        first.map_or(0, |tensor| tensor.values.len_of(Axis(1)))
    }

    /// The recurrent state of some of the sequences.
    #[must_use]
    pub fn part(&self, sequences: Range<usize>) -> Self {
        let part = |tensor: &StateTensor| {
            let slice = Slice::from(sequences.clone());
            tensor.with_values(tensor.values.slice_axis(Axis(1), slice).to_owned())
        };
        self.tensors.iter().map(part).collect()
    }

    /// The recurrent states of a batch's members as one; `None` when every member begins with zeros.
    #[must_use]
    pub fn join(members: &[Member<'_>]) -> Option<Self> {
        let first = members.iter().find_map(|(_, state)| *state)?;
        let tensors = first.tensors.iter();
        tensors.map(|tensor| tensor.joined(members)).collect()
    }
}

impl FromIterator<StateTensor> for RecurrentState {
    fn from_iter<I: IntoIterator<Item = StateTensor>>(tensors: I) -> Self {
        Self {
            tensors: tensors.into_iter().collect(),
        }
    }
}

impl StateTensor {
    fn with_values(&self, values: Array3<f32>) -> Self {
        Self {
            name: self.name.clone(),
            values,
        }
    }

    /// The tensor of this name of all members; `None` when their sizes do not fit.
    fn joined(&self, members: &[Member<'_>]) -> Option<Self> {
        let parts = members.iter().map(|&member| self.of_member(member));
        let parts: Vec<_> = parts.collect::<Option<_>>()?;
        let views: Vec<_> = parts.iter().map(CowArray::view).collect();
        let values = concatenate(Axis(1), &views).ok()?;
        Some(self.with_values(values))
    }

    /// The values of the tensor of this name of one member; zeros when it has no state.
    fn of_member<'a>(&self, (sequences, state): Member<'a>) -> Option<CowArray<'a, f32, Ix3>> {
        let (layers, _, size) = self.values.dim();
        match state {
            Some(state) => Some(state.get(&self.name)?.into()),
            None => Some(Array3::zeros((layers, sequences, size)).into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_states_have_zeros_for_members_without_a_state() {
        let state = RecurrentState::new([
            ("h", Array3::from_elem((2, 1, 3), 0.5)),
            ("c", Array3::from_elem((2, 1, 4), 0.25)),
        ]);
        assert_eq!(RecurrentState::join(&[(1, None), (2, None)]), None);
        let joined = RecurrentState::join(&[(2, None), (1, Some(&state))]).unwrap();
        assert_eq!(joined.sequences(), 3);
        assert_eq!(joined.get("c").unwrap().dim(), (2, 3, 4));
        assert_eq!(joined.part(2..3), state);
        let zeros = joined.part(0..2);
        assert!(zeros.numbers().all(|number| number == 0.0));
    }

    #[test]
    fn set_sequence_changes_no_other_sequence() {
        let mut state = RecurrentState::new([
            ("h", Array3::zeros((2, 3, 2))),
            ("c", Array3::zeros((2, 3, 2))),
        ]);
        let numbers = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
        state.set_sequence(1, numbers);
        assert!(state.part(1..2).numbers().eq(numbers));
        assert!(state.part(0..1).numbers().all(|number| number == 0.0));
        assert!(state.part(2..3).numbers().all(|number| number == 0.0));
    }
}
