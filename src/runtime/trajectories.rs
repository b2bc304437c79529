//! Trajectories of a batch, the result of one run of a network.

use std::borrow::Cow;
use std::ops::Range;

use ndarray::{Array3, ArrayView2, Axis, Slice, concatenate};

use crate::RecurrentState;

/// What a network gives for a [`Batch`](crate::Batch); every number is finite.
#[derive(Debug, Clone, PartialEq)]
pub struct Trajectories {
    /// The state after each step, `[B, T, H]`; of an LSTM or a GRU each number is in -1..1.
    pub states: Array3<f32>,
    /// The outputs after each step, `[B, T, O]`; for the reference model degrees of membership, 0..1.
    pub outputs: Array3<f32>,
    /// The recurrent state after the last step, from which each sequence can be continued.
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

    /// The trajectories of several runs of equally many steps as those of one batch; empty without any.
    #[must_use]
    pub fn together(mut parts: Vec<Self>) -> Self {
        if parts.len() == 1 {
            return parts.swap_remove(0);
        }
        let members: Vec<_> = parts.iter().map(Self::member).collect();
        let recurrent_state = RecurrentState::join(&members);
        Self::joined(&parts, Axis(0), recurrent_state)
    }

    /// How many sequences there are, and their recurrent state.
    fn member(&self) -> (usize, Option<&RecurrentState>) {
        (self.states.len_of(Axis(0)), Some(&self.recurrent_state))
    }

    /// The trajectories of a run that was continued by others, one after the other; empty without any.
    #[must_use]
    pub fn continued(mut parts: Vec<Self>) -> Self {
        if parts.len() == 1 {
            return parts.swap_remove(0);
        }
        let last = parts.last().map(|part| part.recurrent_state.clone());
        Self::joined(&parts, Axis(1), last)
    }

    /// States and outputs, one part after the other along an axis, with this recurrent state; none of it without a part.
    fn joined(parts: &[Self], axis: Axis, recurrent_state: Option<RecurrentState>) -> Self {
        let joined = |of: fn(&Self) -> &Array3<f32>| {
            let views: Vec<_> = parts.iter().map(|part| of(part).view()).collect();
            concatenate(axis, &views).unwrap_or_default()
        };
        Self {
            states: joined(|part| &part.states),
            outputs: joined(|part| &part.outputs),
            recurrent_state: recurrent_state.unwrap_or_else(|| RecurrentState::new([])),
        }
    }

    /// The first tensor whose bits are not the same in `other`, and how far its numbers lie apart at most. Both must be of one
    /// shape.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Option<(Cow<'static, str>, f32)> {
        let state = self.recurrent_state.tensors().iter();
        let state = state.zip(other.recurrent_state.values());
        let state = state.map(|(one, other)| (one.name.clone(), &one.values, other));
        [
            (Cow::Borrowed("states"), &self.states, &other.states),
            (Cow::Borrowed("outputs"), &self.outputs, &other.outputs),
        ]
        .into_iter()
        .chain(state)
        .find_map(|(name, one, other)| Some((name, largest_difference(one, other)?)))
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

/// `None` when all bits are the same.
fn largest_difference(one: &Array3<f32>, other: &Array3<f32>) -> Option<f32> {
    let pairs = one.iter().zip(other);
    let different = pairs.filter(|(one, other)| one.to_bits() != other.to_bits());
    different
        .map(|(one, other)| (one - other).abs())
        .reduce(f32::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn difference_names_the_first_tensor_with_other_bits() {
        let of = |state: f32, memory: f32| Trajectories {
            states: array![[[0.5, state]]],
            outputs: array![[[0.25]]],
            recurrent_state: RecurrentState::new([("h", array![[[memory]]])]),
        };
        assert_eq!(of(0.5, 1.0).difference(&of(0.5, 1.0)), None);
        let found = of(0.5, 1.0).difference(&of(0.75, 3.0)).unwrap();
        assert_eq!((&*found.0, found.1), ("states", 0.25));
        let found = of(0.5, 1.0).difference(&of(0.5, 3.0)).unwrap();
        assert_eq!((&*found.0, found.1), ("h", 2.0));
        let zeros = of(0.0, 1.0).difference(&of(-0.0, 1.0)).unwrap();
        assert_eq!((&*zeros.0, zeros.1), ("states", 0.0));
    }
}
