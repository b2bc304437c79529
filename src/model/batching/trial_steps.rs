//! Steps that a network is tried with when it is loaded: those of the golden cases, and drawn ones, the same each time.

use ndarray::{Array2, Array3, Axis};

use crate::bundle::Bundle;
use microseg_runtime::Batch;

/// Source of steps.
pub(super) struct TrialSteps {
    /// The numbers of the golden cases' steps, `[M, N]`.
    numbers: Array2<f32>,
    /// Their codes, `[M, C]`.
    categories: Array2<i64>,
    /// How many codes each category has.
    codes: Vec<usize>,
    /// Whether the numbers are shares, of which those of a step sum to 1.
    are_shares: bool,
    state: u64,
}

impl TrialSteps {
    /// Steps that a bundle's network may read.
    pub(super) fn of_bundle(bundle: &Bundle) -> Self {
        let (numbers, categories) = bundle.golden().steps();
        Self::new(
            numbers,
            categories,
            bundle.manifest().shape().codes.clone(),
            bundle.manifest().declaration().is_shares_alone(),
        )
    }

    /// From the steps of golden cases: numbers `[M, N]` and categories `[M, C]`.
    pub(super) fn new(
        numbers: Array2<f32>,
        categories: Array2<i64>,
        codes: Vec<usize>,
        are_shares: bool,
    ) -> Self {
        Self {
            numbers,
            categories,
            codes,
            are_shares,
            state: 1,
        }
    }

    /// So many sequences of `length` steps.
    pub(super) fn sequences(&mut self, count: usize, length: usize) -> Vec<Batch> {
        (0..count).map(|_| self.sequence(length)).collect()
    }

    fn sequence(&mut self, length: usize) -> Batch {
        let mut numbers = Array3::zeros((1, length, self.numbers.ncols()));
        let mut categories = Array3::zeros((1, length, self.codes.len()));
        let steps = numbers.axis_iter_mut(Axis(1));
        for (mut numbers, mut codes) in steps.zip(categories.axis_iter_mut(Axis(1))) {
            let (step_numbers, step_codes) = self.step();
            numbers.row_mut(0).assign(&ndarray::arr1(&step_numbers));
            codes.row_mut(0).assign(&ndarray::arr1(&step_codes));
        }
        Batch::with_categories(numbers, categories)
    }

    /// One step: of a golden case, of zeros, or drawn.
    fn step(&mut self) -> (Vec<f32>, Vec<i64>) {
        match self.draw(8) {
            0 => (vec![0.0; self.numbers.ncols()], vec![0; self.codes.len()]),
            1 | 2 if self.numbers.nrows() > 0 => {
                let row = self.draw(self.numbers.nrows());
                let codes = self.categories.row(row).to_vec();
                (self.numbers.row(row).to_vec(), codes)
            }
            _ if self.are_shares => (self.shares(), Vec::new()),
            _ => (self.mixed(), self.drawn_codes()),
        }
    }

    /// Shares drawn for some of the classes.
    fn shares(&mut self) -> Vec<f32> {
        let classes = self.numbers.ncols();
        let mut shares = vec![0.0_f32; classes];
        for _ in 0..=self.draw(24) {
            let class = self.draw(classes);
            shares[class] += self.draw_number(10_000) + 1.0;
        }
        let sum: f32 = shares.iter().sum();
        shares.iter().map(|share| share / sum).collect()
    }

    /// Each number from a golden step of its own, made smaller or larger.
    fn mixed(&mut self) -> Vec<f32> {
        let rows = self.numbers.nrows();
        let columns = 0..self.numbers.ncols();
        let numbers = columns.map(|column| {
            let row = self.draw(rows);
            let number = self.numbers.get((row, column)).copied().unwrap_or_default();
            number * (0.5 + self.draw_number(1_000) / 1_000.0)
        });
        numbers.collect()
    }

    fn drawn_codes(&mut self) -> Vec<i64> {
        let codes = self.codes.clone().into_iter();
        let drawn = codes.map(|codes| i64::try_from(self.draw(codes)).unwrap_or_default());
        drawn.collect()
    }

    /// A whole number below `bound`, at most 65,536.
    fn draw_number(&mut self, bound: usize) -> f32 {
        u16::try_from(self.draw(bound)).map_or(0.0, f32::from)
    }

    /// A number below `bound`, by xorshift64* (Vigna, 2016).
    fn draw(&mut self, bound: usize) -> usize {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        let drawn = self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(drawn).unwrap_or_default() % bound.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn sequences_differ_and_their_shares_sum_to_one_or_to_zero() {
        let steps = || TrialSteps::new(array![[0.25, 0.75, 0.0]], array![[]], Vec::new(), true);
        let sequences = steps().sequences(64, 2);
        for sequence in &sequences {
            for period in sequence.numbers().rows() {
                let sum = period.sum();
                assert!(sum == 0.0 || (sum - 1.0).abs() < 1e-6, "{sum}");
            }
        }
        let first = sequences[0].numbers();
        assert!(sequences.iter().any(|other| other.numbers() != first));
        let again = steps().sequences(64, 2);
        assert!(
            (again.iter().zip(&sequences)).all(|(one, other)| one.numbers() == other.numbers())
        );
    }

    #[test]
    fn every_code_is_tried_and_none_beyond_them() {
        let mut steps = TrialSteps::new(array![[2.0]], array![[1]], vec![3], false);
        let sequences = steps.sequences(64, 4);
        let codes = sequences.iter().flat_map(Batch::categories);
        let codes: std::collections::BTreeSet<i64> = codes.copied().collect();
        assert_eq!(codes.into_iter().collect::<Vec<_>>(), [0, 1, 2]);
        let numbers = sequences.iter().flat_map(Batch::numbers);
        assert!(numbers.copied().all(|number| (0.0..3.0).contains(&number)));
    }
}
