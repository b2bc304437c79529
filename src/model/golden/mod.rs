//! Golden cases (`golden.json`): inputs with the numbers that PyTorch gave, which the network must give again.

mod case;
mod difference;
mod encoding;
mod error;

use std::time::{Duration, Instant};

use ndarray::{Array2, Array3, Axis, concatenate};

use case::{Case, Document};
use difference::{TOLERANCE, largest_difference};
use microseg_encoding::Encoder;
use microseg_runtime::{Batch, Network};
use microseg_space::Shape;

pub use error::GoldenError;

/// How far a number of a continued run may lie from the one of a run at once: rounding grows over many steps.
const CONTINUED_TOLERANCE: f32 = 1e-4;

/// How many of the golden cases in a file have a history, so that the encoding is held against them; none of a file that is
/// not in this form, which no model is loaded with.
#[must_use]
pub fn histories_of_golden_cases(golden: &[u8]) -> usize {
    let document: Option<Document> = serde_json::from_slice(golden).ok();
    let cases = document.map(|document| document.cases).unwrap_or_default();
    cases.iter().filter(|case| case.history.is_some()).count()
}

/// The golden cases of a bundle; at least one.
#[derive(Debug, Clone)]
pub(crate) struct Golden(Vec<Case>);

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

    /// Whether a case has a history, so that the encoding is checked too.
    pub(crate) fn verifies_encoding(&self) -> bool {
        self.0.iter().any(|case| case.history.is_some())
    }

    /// Encodes the history of every case that has one, and compares the result with the case's input.
    pub(crate) fn check_encoding(&self, encoder: &Encoder) -> Result<(), GoldenError> {
        self.0
            .iter()
            .try_for_each(|case| case.check_encoding(encoder))
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
    /// Runs every case in two parts, the second continued from the recurrent state after the first: the numbers must be those
    /// of one run, up to rounding.
    pub(crate) fn check_continuation(&self, network: &dyn Network) -> Result<(), GoldenError> {
        for case in self.0.iter().filter(|case| case.batch.steps() > 1) {
            let (tensor, difference) = case.continued(network)?;
            if difference.is_nan() || difference > CONTINUED_TOLERANCE {
                return Err(GoldenError::Continuation {
                    case: case.name.clone(),
                    tensor,
                    difference,
                });
            }
        }
        Ok(())
    }

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
