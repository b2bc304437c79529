//! Ordinary least squares on a stream of rows: only the sums of the normal equations are kept.

use nalgebra::{DMatrix, SymmetricEigen};
use ndarray::{Array2, ArrayView2};

/// Eigenvalues below this part of the largest are directions that the data does not determine.
const SMALLEST_EIGENVALUE_RATIO: f64 = 1e-10;

/// The least R², for a model that diverges: JSON has no infinity.
const LEAST_R2: f64 = -1e9;

/// `ZᵀZ`, `ZᵀY`, and what R² needs of `Y`, for predictors Z (a column of ones among them) and responses Y.
#[derive(Debug, Clone)]
pub(super) struct NormalEquations {
    rows: f64,
    /// `[P, P]`
    gram: Array2<f64>,
    /// `[P, R]`
    cross: Array2<f64>,
    response_sums: Vec<f64>,
    response_squares: Vec<f64>,
}

impl NormalEquations {
    pub(super) fn new(predictors: usize, responses: usize) -> Self {
        Self {
            rows: 0.0,
            gram: Array2::zeros((predictors, predictors)),
            cross: Array2::zeros((predictors, responses)),
            response_sums: vec![0.0; responses],
            response_squares: vec![0.0; responses],
        }
    }

    /// Adds rows: predictors `[N, P]`, responses `[N, R]`.
    pub(super) fn add(&mut self, predictors: ArrayView2<'_, f64>, responses: ArrayView2<'_, f64>) {
        #[expect(clippy::cast_precision_loss, reason = "a count far below 2^53")]
        let rows = predictors.nrows() as f64;
        self.rows += rows;
        self.gram += &predictors.t().dot(&predictors);
        self.cross += &predictors.t().dot(&responses);
        let sums = self
            .response_sums
            .iter_mut()
            .zip(&mut self.response_squares);
        for (column, (sum, square)) in responses.columns().into_iter().zip(sums) {
            *sum += column.sum();
            *square += column.dot(&column);
        }
    }

    /// The coefficients `[P, R]` of least squared error that use only the predictors in `columns`; of several
    /// solutions the one that is shortest where every predictor has the same size. Others are zero.
    pub(super) fn solve(&self, columns: &[usize]) -> Array2<f64> {
        let size = columns.len();
        let scale: Vec<f64> = columns
            .iter()
            .map(|&column| self.gram[[column, column]].sqrt())
            .map(|length| if length > 0.0 { 1.0 / length } else { 0.0 })
            .collect();
        let gram = DMatrix::from_fn(size, size, |row, column| {
            self.gram[[columns[row], columns[column]]] * scale[row] * scale[column]
        });
        let cross = DMatrix::from_fn(size, self.cross.ncols(), |row, response| {
            self.cross[[columns[row], response]] * scale[row]
        });
        let SymmetricEigen {
            eigenvectors,
            eigenvalues,
        } = SymmetricEigen::new(gram);
        let least = SMALLEST_EIGENVALUE_RATIO * eigenvalues.max();
        let mut rotated = eigenvectors.tr_mul(&cross);
        for (mut row, value) in rotated.row_iter_mut().zip(eigenvalues.iter()) {
            row *= if *value > least { 1.0 / value } else { 0.0 };
        }
        let solution = eigenvectors * rotated;
        let mut coefficients = Array2::zeros(self.cross.raw_dim());
        for (row, (&column, scale)) in columns.iter().zip(&scale).enumerate() {
            for response in 0..self.cross.ncols() {
                coefficients[[column, response]] = solution[(row, response)] * scale;
            }
        }
        coefficients
    }

    /// R² of `coefficients` `[P, R]` on these rows, one for each response; at most 1. A response that does not vary
    /// has 1 if it is met, else 0.
    pub(super) fn r2(&self, coefficients: &Array2<f64>) -> Vec<f64> {
        let explained = self.gram.dot(coefficients);
        (0..self.cross.ncols())
            .map(|response| {
                let column = coefficients.column(response);
                let square = self.response_squares[response];
                let errors = square - 2.0 * column.dot(&self.cross.column(response))
                    + column.dot(&explained.column(response));
                let sum = self.response_sums[response];
                let variation = square - sum * sum / self.rows.max(1.0);
                r_squared(errors.max(0.0), variation, square)
            })
            .collect()
    }
}

/// 1 - errors / variation, where both are sums of squares of numbers whose own squares sum to `size`.
pub(super) fn r_squared(errors: f64, variation: f64, size: f64) -> f64 {
    // The precision of sums of squares of 32-bit floats.
    let precision = 1e-12 * size;
    if !errors.is_finite() {
        LEAST_R2
    } else if variation > precision {
        (1.0 - errors / variation).max(LEAST_R2)
    } else if errors <= precision {
        1.0
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Axis, Slice, array};

    #[test]
    fn line_is_fitted_with_an_r2_of_one() {
        let x = array![[0.0, 1.0], [1.0, 1.0], [2.0, 1.0], [4.0, 1.0]];
        let y = array![[1.0], [3.0], [5.0], [9.0]];
        let mut equations = NormalEquations::new(2, 1);
        for half in [Slice::from(..2), Slice::from(2..)] {
            equations.add(x.slice_axis(Axis(0), half), y.slice_axis(Axis(0), half));
        }
        let line = equations.solve(&[0, 1]);
        assert!((line[[0, 0]] - 2.0).abs() < 1e-9 && (line[[1, 0]] - 1.0).abs() < 1e-9);
        assert!((equations.r2(&line)[0] - 1.0).abs() < 1e-12);
        // Without the slope only the mean is left.
        let mean = equations.solve(&[1]);
        assert!((mean[[1, 0]] - 4.5).abs() < 1e-9 && mean[[0, 0]].abs() < 1e-12);
        assert!(equations.r2(&mean)[0].abs() < 1e-12);
    }

    #[test]
    fn equal_predictors_share_the_effect() {
        let x = array![[0.5, 0.5, 1.0], [1.0, 1.0, 1.0], [2.0, 2.0, 1.0]];
        let y = array![[1.0], [2.0], [4.0]];
        let mut equations = NormalEquations::new(3, 1);
        equations.add(x.view(), y.view());
        let found = equations.solve(&[0, 1, 2]);
        assert!(
            (found[[0, 0]] - 1.0).abs() < 1e-6 && (found[[1, 0]] - 1.0).abs() < 1e-6,
            "{found}"
        );
    }
}
