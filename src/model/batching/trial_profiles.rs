//! Profiles that a network is tried with when it is loaded: those of the golden cases, and drawn ones, the same each time.

use ndarray::{Array2, Array3, Axis};

use microseg_runtime::Batch;

/// Source of profiles.
pub(super) struct TrialProfiles<'a> {
    /// Rows of golden cases, `[N, K]`.
    rows: &'a Array2<f32>,
    state: u64,
}

impl<'a> TrialProfiles<'a> {
    /// From the rows of golden cases, `[N, K]`.
    pub(super) fn new(rows: &'a Array2<f32>) -> Self {
        Self { rows, state: 1 }
    }

    /// So many sequences of `length` steps.
    pub(super) fn sequences(&mut self, count: usize, length: usize) -> Vec<Batch> {
        (0..count).map(|_| self.sequence(length)).collect()
    }

    fn sequence(&mut self, length: usize) -> Batch {
        let mut inputs = Array3::zeros((1, length, self.rows.ncols()));
        for mut input in inputs.axis_iter_mut(Axis(1)) {
            input.row_mut(0).assign(&ndarray::arr1(&self.shares()));
        }
        Batch::new(inputs)
    }

    /// The shares of one period: of a golden case, none, or drawn for some of the classes.
    fn shares(&mut self) -> Vec<f32> {
        let classes = self.rows.ncols();
        match self.draw(8) {
            0 => vec![0.0; classes],
            1 | 2 if self.rows.nrows() > 0 => {
                let row = self.draw(self.rows.nrows());
                self.rows.row(row).to_vec()
            }
            _ => {
                let mut shares = vec![0.0_f32; classes];
                for _ in 0..=self.draw(24) {
                    let class = self.draw(classes);
                    let amount = 1 + self.draw(10_000);
                    shares[class] += u16::try_from(amount).map_or(0.0, f32::from);
                }
                let sum: f32 = shares.iter().sum();
                shares.iter().map(|share| share / sum).collect()
            }
        }
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
    fn sequences_differ_and_their_periods_sum_to_one_or_to_zero() {
        let rows = array![[0.25, 0.75, 0.0]];
        let mut profiles = TrialProfiles::new(&rows);
        let sequences = profiles.sequences(64, 2);
        for sequence in &sequences {
            for period in sequence.numbers().rows() {
                let sum = period.sum();
                assert!(sum == 0.0 || (sum - 1.0).abs() < 1e-6, "{sum}");
            }
        }
        let first = sequences[0].numbers();
        assert!(sequences.iter().any(|other| other.numbers() != first));
        let again = TrialProfiles::new(&rows).sequences(64, 2);
        assert!(
            (again.iter().zip(&sequences)).all(|(one, other)| one.numbers() == other.numbers())
        );
    }
}
