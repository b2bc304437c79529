//! Profile of a history: the share that each class has of a period's spending, the network's input.

use ndarray::{Array2, ArrayView2, ArrayViewMut1};

/// Shares of spending, `[T, K]`: each row sums to 1, or is all zero for a period without spending.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile(Array2<f32>);

impl Profile {
    /// The shares of totals `[T, K]`; spending is at least zero and finite.
    #[must_use]
    pub fn of_spending(spending: ArrayView2<'_, f64>) -> Self {
        let mut shares = Array2::zeros(spending.raw_dim());
        for (row, out) in spending.rows().into_iter().zip(shares.rows_mut()) {
            write_shares(row.iter().copied().enumerate(), out);
        }
        Self(shares)
    }

    /// The shares, `[T, K]`, without a copy.
    pub(super) fn into_shares(self) -> Array2<f32> {
        self.0
    }

    /// The shares, `[T, K]`.
    #[must_use]
    pub fn shares(&self) -> ArrayView2<'_, f32> {
        self.0.view()
    }
}

/// Turns one period's spending into shares: nothing else does. `spending` gives classes with their amounts, in
/// ascending order; the shares of classes that it does not name are left as they are, and must be zero.
pub fn write_shares(
    spending: impl Iterator<Item = (usize, f64)> + Clone,
    mut shares: ArrayViewMut1<'_, f32>,
) {
    let total: f64 = spending.clone().map(|(_, amount)| amount).sum();
    for (class, amount) in spending {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the network takes 32-bit floats"
        )]
        let value = if total > 0.0 {
            (amount / total) as f32
        } else {
            0.0
        };
        shares[class] = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn rows_sum_to_one_and_empty_ones_are_zero() {
        let profile = Profile::of_spending(array![[30.0, 10.0], [0.0, 0.0]].view());
        assert_eq!(profile.shares(), array![[0.75, 0.25], [0.0, 0.0]]);
    }

    #[test]
    fn smallest_and_largest_spending_have_shares() {
        let profile = Profile::of_spending(array![[f64::MIN_POSITIVE, 0.0], [1e18, 1e18]].view());
        assert_eq!(profile.shares(), array![[1.0, 0.0], [0.5, 0.5]]);
    }
}
