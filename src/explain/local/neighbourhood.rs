//! The neighbourhood of a customer: the history, divided into parts, and the network's numbers when parts change.

use super::customer::Divided;
use crate::document::Pruned;
use crate::error::ExplainError;
use crate::part::Part;
use crate::target::Reader;
use microseg_timing::Timing;

/// The customer's parts, and the reader of the numbers for them.
pub(super) struct Neighbourhood<'a> {
    pub(super) divided: Divided<'a>,
    pub(super) reader: &'a Reader<'a>,
    /// What is one part before a checkpoint.
    pub(super) pruned: Option<Pruned>,
}

impl Neighbourhood<'_> {
    pub(super) fn parts(&self) -> &[Part] {
        self.divided.parts()
    }

    /// The targets' numbers for one portion of inputs, one row an input: `multiply` sets what the parts of each are
    /// multiplied by, all 1 before.
    pub(super) async fn numbers(
        &self,
        inputs: usize,
        mut multiply: impl FnMut(usize, &mut [f64]),
        timing: &mut Timing,
    ) -> Result<Vec<f64>, ExplainError> {
        let factors = (0..inputs).map(|input| {
            let mut factors = vec![1.0; self.parts().len()];
            multiply(input, &mut factors);
            factors
        });
        let factors: Vec<Vec<f64>> = factors.collect();
        self.divided.numbers(self.reader, &factors, timing).await
    }

    /// The targets' numbers with each part alone multiplied by `factor`, one row a part.
    pub(super) async fn one_at_a_time(
        &self,
        factor: f64,
        timing: &mut Timing,
    ) -> Result<Vec<f64>, ExplainError> {
        let (parts, portion) = (self.parts().len(), self.divided.portion());
        let mut numbers = Vec::new();
        for first in (0..parts).step_by(portion) {
            let count = portion.min(parts - first);
            let multiply = |input: usize, factors: &mut [f64]| factors[first + input] = factor;
            numbers.extend(self.numbers(count, multiply, timing).await?);
        }
        Ok(numbers)
    }
}
