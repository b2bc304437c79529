//! Golden cases (`golden.json`): inputs with the numbers that PyTorch gave, which the network must give again.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use ndarray::{Array2, Array3, ArrayView3, Axis, concatenate};
use serde::Deserialize;

use microseg_runtime::{Batch, Network, NetworkError, RecurrentState, StateTensor, Trajectories};
use microseg_space::Shape;

/// How far a number may lie from PyTorch's.
const TOLERANCE: f32 = 1e-5;

/// The golden cases of a bundle; at least one.
#[derive(Debug, Clone)]
pub(crate) struct Golden(Vec<Case>);

#[derive(Debug, Clone)]
struct Case {
    name: String,
    batch: Batch,
    /// `[1, T, H]`
    states: Array3<f32>,
    /// `[1, T, O]`
    outputs: Array3<f32>,
}

/// Why the golden cases could not be read, or were not met.
#[derive(Debug, thiserror::Error)]
pub enum GoldenError {
    /// Not JSON, or a member missing or of another type.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// There is nothing to check.
    #[error("no golden case")]
    Empty,
    /// A case does not fit the manifest.
    #[error("case `{case}`: {member} is not {expected}")]
    Shape {
        /// The case's name.
        case: String,
        /// The case's member.
        member: &'static str,
        /// The shape that the manifest asks for.
        expected: String,
    },
    /// The network could not be run on a case.
    #[error("case `{case}`: {source}")]
    Network {
        /// The case's name.
        case: String,
        /// The error of the run.
        source: NetworkError,
    },
    /// The network gives other numbers than PyTorch gave.
    #[error(
        "case `{case}`: {tensor} differ from PyTorch's by {difference:e}, more than {TOLERANCE:e}"
    )]
    Difference {
        /// The case's name.
        case: String,
        /// `states` or `outputs`.
        tensor: &'static str,
        /// The largest distance.
        difference: f32,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    cases: Vec<CaseDocument>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseDocument {
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
    /// The recurrent state that the sequence is continued from: `[L][size]` of each tensor.
    state: Option<BTreeMap<String, Vec<Vec<f32>>>>,
    /// The tensors `h` and `c` of that state in a bundle of schema 2.
    h: Option<Vec<Vec<f32>>>,
    c: Option<Vec<Vec<f32>>>,
}

impl Golden {
    /// Reads the cases and holds each against the shape of the network.
    pub(crate) fn parse(bytes: &[u8], shape: &Shape) -> Result<Self, GoldenError> {
        let document: Document = serde_json::from_slice(bytes)?;
        if document.cases.is_empty() {
            return Err(GoldenError::Empty);
        }
        document
            .cases
            .into_iter()
            .map(|case| Case::parse(case, shape))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Runs every case, and compares the numbers with PyTorch's.
    pub(crate) fn check(&self, network: &dyn Network) -> Result<(), GoldenError> {
        for case in &self.0 {
            let found = case.run(network)?;
            for (tensor, found, expected) in [
                ("states", found.states.view(), case.states.view()),
                ("outputs", found.outputs.view(), case.outputs.view()),
            ] {
                let difference = largest_difference(found, expected);
                if difference.is_nan() || difference > TOLERANCE {
                    return Err(GoldenError::Difference {
                        case: case.name.clone(),
                        tensor,
                        difference,
                    });
                }
            }
        }
        Ok(())
    }
}

impl Golden {
    /// Runs every case, and gives the time of a step of the slowest one.
    pub(crate) fn slowest_step(&self, network: &dyn Network) -> Result<Duration, GoldenError> {
        let mut slowest = Duration::ZERO;
        for case in &self.0 {
            let begun = Instant::now();
            case.run(network)?;
            let steps = u32::try_from(case.batch.steps()).unwrap_or(u32::MAX);
            slowest = slowest.max(begun.elapsed() / steps.max(1));
        }
        Ok(slowest)
    }

    /// The inputs of all cases, step by step: numbers `[M, N]` and categories `[M, C]`.
    pub(crate) fn steps(&self) -> (Array2<f32>, Array2<i64>) {
        let batches = || self.0.iter().map(|case| &case.batch);
        (
            rows(batches().map(Batch::numbers)),
            rows(batches().map(Batch::categories)),
        )
    }
}

/// The rows of the only sequence of each array.
fn rows<'a, T: Clone + Default + 'a>(cases: impl Iterator<Item = &'a Array3<T>>) -> Array2<T> {
    let sequences: Vec<_> = cases.map(|case| case.index_axis(Axis(0), 0)).collect();
    concatenate(Axis(0), &sequences).unwrap_or_default()
}

impl Case {
    fn run(&self, network: &dyn Network) -> Result<Trajectories, GoldenError> {
        let run = network.run(&self.batch);
        run.map_err(|source| GoldenError::Network {
            case: self.name.clone(),
            source,
        })
    }

    fn parse(case: CaseDocument, shape: &Shape) -> Result<Self, GoldenError> {
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

/// NaN when one of the numbers is.
fn largest_difference(found: ArrayView3<'_, f32>, expected: ArrayView3<'_, f32>) -> f32 {
    found
        .iter()
        .zip(expected)
        .map(|(found, expected)| (found - expected).abs())
        .fold(0.0, |largest, difference| {
            if difference.is_nan() || difference > largest {
                difference
            } else {
                largest
            }
        })
}
