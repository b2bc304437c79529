//! Trajectory over the periods of a history that arrives: a step when a period closes.

use std::collections::VecDeque;

use ndarray::{Array2, Axis, concatenate};

use super::patience::run_when_free;
use microseg_encoding::{ClosedPeriod, Inputs};
use microseg_model::{Batch, Model, RecurrentState, RunError, Trajectories};
use microseg_timing::Timing;

/// The trajectory so far, and what its next step needs.
pub(crate) struct LivePeriods {
    /// The inputs of the last periods, `[1, N]` each, as many as the window has at the most.
    inputs: VecDeque<Array2<f32>>,
    window: usize,
    /// The recurrent state after them; used only while all periods are in the window.
    recurrent_state: Option<RecurrentState>,
}

impl LivePeriods {
    /// A trajectory over the periods of an earlier request, if there was one.
    pub(crate) fn new(model: &Model, earlier: Option<&Inputs>) -> Self {
        let window = model.manifest().most_steps().unwrap_or(usize::MAX);
        let rows = earlier.into_iter().flat_map(|inputs| inputs.numbers.rows());
        let inputs: VecDeque<_> = rows
            .map(|row| row.insert_axis(Axis(0)).to_owned())
            .collect();
        let older = inputs.len().saturating_sub(window);
        Self {
            inputs: inputs.into_iter().skip(older).collect(),
            window,
            recurrent_state: None,
        }
    }

    /// Runs the step of a period that has closed.
    pub(crate) async fn step(
        &mut self,
        model: &Model,
        closed: ClosedPeriod,
        timing: &mut Timing,
    ) -> Result<Trajectories, RunError> {
        let input = closed.inputs.numbers;
        let is_continued = self.inputs.is_empty() || self.recurrent_state.is_some();
        let batch = if self.inputs.len() < self.window && model.is_continuable() && is_continued {
            Batch::of_sequence(input.view()).after(self.recurrent_state.take())
        } else {
            // The oldest period leaves the window, but is part of the recurrent state: the whole window is run again.
            if self.inputs.len() == self.window {
                self.inputs.pop_front();
            }
            self.window_ending_with(&input)
        };
        let ran = run_when_free(model, batch, timing).await?;
        self.inputs.push_back(input);
        self.recurrent_state = Some(ran.recurrent_state.clone());
        Ok(ran)
    }

    fn window_ending_with(&self, last: &Array2<f32>) -> Batch {
        let steps: Vec<_> = self.inputs.iter().chain([last]).map(Array2::view).collect();
        let numbers = concatenate(Axis(0), &steps).unwrap_or_default();
        Batch::of_sequence(numbers.view())
    }
}
