//! Difference between the network's numbers and PyTorch's.

use ndarray::ArrayView3;

/// How far a number may lie from PyTorch's.
pub(super) const TOLERANCE: f32 = 1e-5;

/// NaN when one of the numbers is.
pub(super) fn largest_difference(found: ArrayView3<'_, f32>, expected: ArrayView3<'_, f32>) -> f32 {
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
