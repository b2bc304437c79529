//! Weighted least squares on sparse rows: normal equations, one Cholesky factorization for all right-hand sides.
//!
//! Most perturbations move few parts, so a row costs the square of what it moves, not of all parts.

use nalgebra::{Cholesky, DMatrix, Dyn};

/// Below this ratio of smallest to largest pivot the rows do not determine the unknowns.
const SMALLEST_PIVOT_RATIO: f64 = 1e-10;

/// Added to the diagonal, relative to its mean, when they do not.
const FALLBACK_RIDGE: f64 = 1e-6;

/// The entries of one row that are not zero, by ascending unknown.
pub(super) type Row = Vec<(usize, f64)>;

/// The normal equations of some rows: `XᵀWX` and `XᵀWY`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct NormalEquations {
    /// `[unknowns, unknowns]`; only the lower triangle is filled.
    gram: DMatrix<f64>,
    /// `[unknowns, right-hand sides]`.
    moments: DMatrix<f64>,
}

/// The solution of normal equations.
pub(super) struct Solution {
    /// `[unknowns, right-hand sides]`.
    pub(super) unknowns: DMatrix<f64>,
    /// What was added to the diagonal; 0 unless the rows left unknowns undetermined.
    pub(super) ridge: f64,
    factor: Cholesky<f64, Dyn>,
}

impl NormalEquations {
    pub(super) fn new(unknowns: usize, right_hand_sides: usize) -> Self {
        Self {
            gram: DMatrix::zeros(unknowns, unknowns),
            moments: DMatrix::zeros(unknowns, right_hand_sides),
        }
    }

    /// Adds one row and its right-hand sides.
    pub(super) fn add_row(
        &mut self,
        row: &[(usize, f64)],
        weight: f64,
        right: impl Iterator<Item = f64> + Clone,
    ) {
        let unknowns = self.gram.nrows();
        let gram = self.gram.as_mut_slice();
        for (place, &(column, entry)) in row.iter().enumerate() {
            let scaled = weight * entry;
            for &(below, other) in &row[place..] {
                gram[column * unknowns + below] += scaled * other;
            }
        }
        for (mut moments, value) in self.moments.column_iter_mut().zip(right) {
            for &(column, entry) in row {
                moments[column] += weight * entry * value;
            }
        }
    }

    /// Solves for all right-hand sides.
    pub(super) fn solve(&self) -> Solution {
        let count = self.gram.nrows();
        let mean = self.gram.trace() / f64::from(u32::try_from(count.max(1)).unwrap_or(u32::MAX));
        let mut ridge = 0.0;
        loop {
            let mut regularized = self.gram.clone();
            for place in 0..count {
                regularized[(place, place)] += ridge;
            }
            // A Gram matrix is positive semi-definite, so the second ridge or a larger one always ends this.
            match Cholesky::new(regularized) {
                Some(factor) if ridge > 0.0 || is_well_conditioned(&factor) => {
                    return Solution {
                        unknowns: factor.solve(&self.moments),
                        ridge,
                        factor,
                    };
                }
                _ if ridge > 0.0 => ridge *= 10.0,
                _ => ridge = FALLBACK_RIDGE * mean.max(f64::MIN_POSITIVE),
            }
        }
    }
}

impl Solution {
    /// How far each row's right-hand side moves each unknown, before its weight: (XᵀWX)⁻¹ x, `[unknowns, rows]`.
    pub(super) fn influence(&self, rows: &[Row]) -> DMatrix<f64> {
        let inverse = self.factor.inverse();
        let mut influence = DMatrix::zeros(inverse.nrows(), rows.len());
        for (row, mut out) in rows.iter().zip(influence.column_iter_mut()) {
            for &(column, entry) in row {
                out.axpy(entry, &inverse.column(column), 1.0);
            }
        }
        influence
    }

    /// A row's fitted value for each right-hand side.
    pub(super) fn fitted(&self, row: &[(usize, f64)], right_hand_side: usize) -> f64 {
        let unknowns = self.unknowns.column(right_hand_side);
        row.iter()
            .map(|&(column, entry)| entry * unknowns[column])
            .sum()
    }
}

fn is_well_conditioned(factor: &Cholesky<f64, Dyn>) -> bool {
    let pivots = factor.l_dirty().diagonal().map(|pivot| pivot * pivot);
    pivots.is_empty() || pivots.min() > SMALLEST_PIVOT_RATIO * pivots.max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solution_of_weighted_points_is_that_of_the_textbook() {
        // y = 2 + 3 x with one point of double weight that lies off: by hand, Σw = 4, x̄ = 1.25, ȳ = 6.25.
        let points = [(0.0, 2.0, 1.0), (1.0, 5.0, 1.0), (2.0, 9.0, 2.0)];
        let mut equations = NormalEquations::new(2, 1);
        for (x, y, weight) in points {
            equations.add_row(&[(0, 1.0), (1, x)], weight, [y].into_iter());
        }
        let solution = equations.solve();
        let slope = 9.75 / 2.75;
        assert!((solution.unknowns[(1, 0)] - slope).abs() < 1e-12);
        assert!((solution.unknowns[(0, 0)] - (6.25 - 1.25 * slope)).abs() < 1e-12);
        assert_eq!(solution.ridge.to_bits(), 0.0_f64.to_bits());
    }

    #[test]
    fn underdetermined_rows_are_solved_with_a_ridge() {
        let mut equations = NormalEquations::new(2, 1);
        equations.add_row(&[(0, 1.0), (1, 1.0)], 1.0, [2.0].into_iter());
        let solution = equations.solve();
        assert!(solution.ridge > 0.0);
        assert!((solution.fitted(&[(0, 1.0), (1, 1.0)], 0) - 2.0).abs() < 1e-5);
    }
}
