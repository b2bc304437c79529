//! Spectral radius of a square matrix.

use nalgebra::DMatrix;
use ndarray::Array2;

/// How often a matrix is squared for its spectral radius.
const SQUARINGS: usize = 30;

/// The largest absolute eigenvalue of a square matrix, by Gelfand's formula: `ρ = lim ‖Mⁿ‖^(1/n)`, n = 2^30.
///
/// An eigenvalue routine may not come to an end (a cyclic permutation keeps QR turning); squaring always does.
pub(super) fn spectral_radius(matrix: &Array2<f64>) -> f64 {
    let size = matrix.nrows();
    let mut power = DMatrix::from_fn(size, size, |row, column| matrix[[row, column]]);
    let mut logarithm = 0.0;
    let mut exponent = 1.0;
    for _ in 0..=SQUARINGS {
        let norm = power.norm();
        if !norm.is_finite() {
            return f64::INFINITY;
        }
        if norm <= 0.0 {
            return 0.0;
        }
        logarithm += norm.ln() * exponent;
        power /= norm;
        power = &power * &power;
        exponent /= 2.0;
    }
    logarithm.exp()
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn radius_is_known_of_diagonal_rotation_defective_and_cyclic_matrices() {
        for (matrix, expected) in [
            (array![[0.5, 0.0], [0.0, -0.8]], 0.8),
            (array![[0.0, -0.9], [0.9, 0.0]], 0.9),
            (array![[0.7, 5.0], [0.0, 0.7]], 0.7),
            (array![[0.0, 1.0], [0.0, 0.0]], 0.0),
        ] {
            let found = spectral_radius(&matrix);
            assert!((found - expected).abs() < 1e-6, "{found} {expected}");
        }
        let cycle = array![[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]];
        assert!((spectral_radius(&cycle) - 1.0).abs() < 1e-6);
    }
}
