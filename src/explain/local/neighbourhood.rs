//! The neighbourhood of a customer: the spending, divided into parts, and the network's numbers when parts change.

use ndarray::{ArrayView2, ArrayViewMut2};

use crate::division::Division;
use crate::evaluation::{PORTION, run_portion};
use crate::target::Reader;
use microseg_model::{Model, RunError};
use microseg_timing::Timing;

/// The customer's parts and the model that gives numbers for them.
pub(super) struct Neighbourhood<'a> {
    pub(super) model: &'a Model,
    /// The totals, `[T, K]`.
    pub(super) spending: ArrayView2<'a, f64>,
    pub(super) division: Division,
    pub(super) reader: &'a Reader<'a>,
}

impl Neighbourhood<'_> {
    /// How many parts there are.
    pub(super) fn parts(&self) -> usize {
        self.division.parts().len()
    }

    /// The targets' numbers for one portion of inputs, one row an input: `multiply` sets what the parts of each are
    /// multiplied by, all 1 before.
    pub(super) async fn numbers(
        &self,
        inputs: usize,
        mut multiply: impl FnMut(usize, &mut [f64]),
        timing: &mut Timing,
    ) -> Result<Vec<f64>, RunError> {
        let mut factors = vec![1.0; self.parts()];
        let write = |input: usize, profile: ArrayViewMut2<'_, f32>| {
            factors.fill(1.0);
            multiply(input, &mut factors);
            self.division.write_profile(&factors, profile);
        };
        let run = run_portion(self.model, self.spending.dim(), inputs, write, timing).await?;
        let mut numbers = Vec::new();
        self.reader.read(&run, inputs, &mut numbers);
        Ok(numbers)
    }

    /// The targets' numbers with each part alone multiplied by `factor`, one row a part.
    pub(super) async fn one_at_a_time(
        &self,
        factor: f64,
        timing: &mut Timing,
    ) -> Result<Vec<f64>, RunError> {
        let mut numbers = Vec::new();
        for first in (0..self.parts()).step_by(PORTION) {
            let count = PORTION.min(self.parts() - first);
            let multiply = |input: usize, factors: &mut [f64]| factors[first + input] = factor;
            numbers.extend(self.numbers(count, multiply, timing).await?);
        }
        Ok(numbers)
    }
}
