//! One golden case: its document, and its input with the numbers that the network must give.

use std::collections::BTreeMap;

use ndarray::{Array2, Array3, Axis};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::difference::largest_difference;
use super::error::GoldenError;
use microseg_runtime::{Batch, Network, RecurrentState, StateTensor, Trajectories};
use microseg_space::Shape;

/// One case, which fits the network's shape.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) name: String,
    /// As JSON.
    pub(super) history: Option<Box<RawValue>>,
    pub(super) batch: Batch,
    /// `[1, T, H]`
    pub(super) states: Array3<f32>,
    /// `[1, T, O]`
    pub(super) outputs: Array3<f32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    pub(super) cases: Vec<CaseDocument>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CaseDocument {
    name: String,
    /// `[T][N]`; `input` in a bundle of schema 2.
    #[serde(alias = "input")]
    numbers: Vec<Vec<f32>>,
    /// `[T][C]`
    #[serde(default)]
    categories: Vec<Vec<i64>>,
    /// `[T][H]`
    states: Vec<Vec<f32>>,
    /// `[T][O]`
    outputs: Vec<Vec<f32>>,
    /// The history that the input was made of, as `POST /v1/score` takes it.
    pub(super) history: Option<Box<RawValue>>,
    /// The recurrent state that the sequence is continued from: `[L][size]` of each tensor.
    state: Option<BTreeMap<String, Vec<Vec<f32>>>>,
    /// The tensors `h` and `c` of that state in a bundle of schema 2.
    h: Option<Vec<Vec<f32>>>,
    c: Option<Vec<Vec<f32>>>,
}

impl Case {
    pub(super) fn run(&self, network: &dyn Network) -> Result<Trajectories, GoldenError> {
        let run = network.run(&self.batch);
        run.map_err(|source| GoldenError::Network {
            case: self.name.clone(),
            source,
        })
    }

    /// How far the numbers of a run in two parts lie from those of one run: the tensor and the largest distance.
    pub(super) fn continued(
        &self,
        network: &dyn Network,
    ) -> Result<(&'static str, f32), GoldenError> {
        let fault = |source| GoldenError::Network {
            case: self.name.clone(),
            source,
        };
        let at_once = self.run(network)?;
        let steps = self.batch.steps();
        let first = self.batch.steps_of(0..steps / 2);
        let first = first.after(self.batch.recurrent_state().cloned());
        let first = network.run(&first).map_err(fault)?;
        let state = first.recurrent_state.clone();
        let second = self.batch.steps_of(steps / 2..steps).after(Some(state));
        let second = network.run(&second).map_err(fault)?;
        let parts = Trajectories::continued(vec![first, second]);
        let states = largest_difference(parts.states.view(), at_once.states.view());
        let outputs = largest_difference(parts.outputs.view(), at_once.outputs.view());
        Ok(if states >= outputs || states.is_nan() {
            ("states", states)
        } else {
            ("outputs", outputs)
        })
    }

    pub(super) fn parse(case: CaseDocument, shape: &Shape) -> Result<Self, GoldenError> {
        let name = case.name;
        let steps = case.numbers.len().max(1);
        let fault = |member, (rows, columns)| GoldenError::Shape {
            case: name.clone(),
            member,
            expected: format!("{rows} rows of {columns} numbers"),
        };
        let matrix = |member, rows: &[Vec<f32>], expected| {
            let matrix = matrix(rows, expected).map(|matrix| matrix.insert_axis(Axis(0)));
            matrix.ok_or_else(|| fault(member, expected))
        };
        let numbers = matrix("numbers", &case.numbers, (steps, shape.numbers))?;
        let states = matrix("states", &case.states, (steps, shape.hidden_size))?;
        let outputs = matrix("outputs", &case.outputs, (steps, shape.outputs))?;
        let size = (steps, shape.codes.len());
        let categories = if size.1 == 0 && case.categories.is_empty() {
            Some(Array2::zeros(size))
        } else {
            self::matrix(&case.categories, size)
        };
        let categories = categories.ok_or_else(|| fault("categories", size))?;
        let of_schema_2 = [("h", case.h), ("c", case.c)].into_iter();
        let of_schema_2 = of_schema_2.filter_map(|(name, rows)| Some((name.to_owned(), rows?)));
        let state = case.state.unwrap_or_else(|| of_schema_2.collect());
        let state = (!state.is_empty()).then(|| recurrent_state(&state, shape));
        let state = state.transpose().map_err(|size| fault("state", size))?;
        Ok(Self {
            name,
            history: case.history,
            batch: Batch::with_categories(numbers, categories.insert_axis(Axis(0))).after(state),
            states,
            outputs,
        })
    }
}

/// The tensors of a recurrent state by name; the size of the first that does not fit.
fn recurrent_state(
    given: &BTreeMap<String, Vec<Vec<f32>>>,
    shape: &Shape,
) -> Result<RecurrentState, (usize, usize)> {
    let tensors = shape.recurrent_state.iter().map(|tensor| {
        let size = (tensor.layers, tensor.size);
        let rows = given.get(&tensor.name).ok_or(size)?;
        let values = matrix(rows, size).ok_or(size)?;
        Ok(StateTensor {
            name: tensor.name.clone().into(),
            values: values.insert_axis(Axis(1)),
        })
    });
    tensors.collect()
}

fn matrix<T: Clone>(rows: &[Vec<T>], (height, width): (usize, usize)) -> Option<Array2<T>> {
    let fits = rows.len() == height && rows.iter().all(|row| row.len() == width);
    fits.then(|| rows.concat())
        .and_then(|numbers| Array2::from_shape_vec((height, width), numbers).ok())
}
