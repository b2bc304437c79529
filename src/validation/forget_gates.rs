//! Forget gates of an LSTM, measured on the network as it runs: no parameter is read, whatever runtime has them.
//!
//! At one step an LSTM's memory becomes `c' = f c + i g`, where f, i and g depend on the input and on h alone. So what is added to
//! c comes back f times as large. Twice as much must come back twice as large, else the network is of another kind.

use ndarray::{ArrayView1, Axis};

use crate::error::ValidationError;
use microseg_encoding::Inputs;
use microseg_model::{Batch, Model, Priority, RecurrentState};
use microseg_space::{ForgetGate, ForgetGates};

/// The tensor of an LSTM's state that is its memory.
const MEMORY: &str = "c";

/// What is added to the memory. Its numbers have 24 bits: a smaller difference would be lost in them.
const ADDED: f32 = 0.5;

/// How far a measured gate may be from 0 to 1, and twice the addition from twice the difference.
const ROUNDING: f32 = 1e-3;

/// The most steps of one history: many short ones say more than a few long ones.
const MOST_STEPS: usize = 64;

/// The gates, added up.
struct Sums {
    /// `[L][cells]`
    gates: Vec<Vec<f64>>,
    steps: u64,
}

/// The forget gates of each cell over the steps of some histories; `None` where the network is no LSTM.
pub(crate) async fn measure(
    model: &Model,
    histories: &[Inputs],
) -> Result<Option<ForgetGates>, ValidationError> {
    let shape = model.manifest().shape();
    let is_memory = |name: &str| name == MEMORY;
    let Some(memory) = { shape.recurrent_state.iter() }.find(|tensor| is_memory(&tensor.name))
    else {
        return Ok(None);
    };
    let mut sums = Sums {
        gates: vec![vec![0.0; memory.size]; memory.layers],
        steps: 0,
    };
    for inputs in histories {
        let mut state = RecurrentState::zeros(shape, 1);
        let whole = Batch::of_steps(inputs.numbers.clone(), inputs.categories.clone());
        for step in 0..inputs.steps().min(MOST_STEPS) {
            let input = whole.steps_of(step..step + 1);
            match sums.add_step(model, &input, &state).await? {
                Some(next) => state = next,
                None => return Ok(None),
            }
        }
    }
    Ok((sums.steps > 0).then(|| sums.means()))
}

impl Sums {
    /// Adds the gates of one step, and gives the state after it; `None` where these are no gates.
    async fn add_step(
        &mut self,
        model: &Model,
        input: &Batch,
        state: &RecurrentState,
    ) -> Result<Option<RecurrentState>, ValidationError> {
        let layers = self.gates.len();
        let mut members = vec![input.clone().after(Some(state.clone()))];
        for layer in 0..layers {
            for times in [1.0, 2.0] {
                let more = with_more(state, layer, times * ADDED);
                members.push(input.clone().after(Some(more)));
            }
        }
        let batch = Batch::join(&members.iter().collect::<Vec<_>>());
        let run = model.run(Priority::Explain, batch).await?;
        let after = run.trajectories.recurrent_state;
        let Some(memory) = after.get(MEMORY) else {
            return Ok(None);
        };
        for (layer, sums) in self.gates.iter_mut().enumerate() {
            let of = |member: usize| {
                let layer = memory.index_axis(Axis(0), layer);
                layer.index_axis_move(Axis(0), member)
            };
            let Some(gates) = gates(of(0), of(1 + 2 * layer), of(2 + 2 * layer)) else {
                return Ok(None);
            };
            for (sum, gate) in sums.iter_mut().zip(gates) {
                *sum += f64::from(gate);
            }
        }
        self.steps += 1;
        Ok(Some(after.part(0..1)))
    }

    #[expect(clippy::cast_precision_loss, reason = "a count of steps")]
    fn means(&self) -> ForgetGates {
        let steps = self.steps as f64;
        let layers = self.gates.iter().enumerate();
        let cells = layers.flat_map(|(layer, sums)| {
            let cells = sums.iter().enumerate();
            cells.map(move |(cell, sum)| ForgetGate::new(layer, cell, sum / steps))
        });
        ForgetGates {
            steps: self.steps,
            cells: cells.collect(),
        }
    }
}

/// A state with more in each cell of one layer's memory.
fn with_more(state: &RecurrentState, layer: usize, more: f32) -> RecurrentState {
    let mut state = state.clone();
    let place = state
        .tensors()
        .iter()
        .position(|tensor| tensor.name == MEMORY);
    if let Some(memory) = place.and_then(|place| state.values_mut().nth(place)) {
        memory
            .index_axis_mut(Axis(0), layer)
            .map_inplace(|value| *value += more);
    }
    state
}

/// The gates of a layer, from its memory after nothing, the addition, and twice the addition; `None` where they are none.
fn gates(
    plain: ArrayView1<'_, f32>,
    more: ArrayView1<'_, f32>,
    twice: ArrayView1<'_, f32>,
) -> Option<Vec<f32>> {
    let cells = plain.iter().zip(more).zip(twice);
    let gate = |((plain, more), twice): ((&f32, &f32), &f32)| {
        let once = (more - plain) / ADDED;
        let both = (twice - plain) / ADDED;
        let is_gate = (-ROUNDING..=1.0 + ROUNDING).contains(&once);
        (is_gate && (both - 2.0 * once).abs() <= ROUNDING).then_some(once.clamp(0.0, 1.0))
    };
    cells.map(gate).collect()
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn gates_are_what_comes_back_of_what_was_added() {
        let plain = array![0.25, -0.5];
        let found = gates(
            plain.view(),
            array![0.5, -0.375].view(),
            array![0.75, -0.25].view(),
        );
        assert_eq!(found, Some(vec![0.5, 0.25]));
    }

    #[test]
    fn memory_that_is_no_sum_or_grows_has_no_gates() {
        let plain = array![0.0];
        let curved = gates(plain.view(), array![0.25].view(), array![0.375].view());
        assert_eq!(curved, None);
        let growing = gates(plain.view(), array![0.75].view(), array![1.5].view());
        assert_eq!(growing, None);
    }
}
