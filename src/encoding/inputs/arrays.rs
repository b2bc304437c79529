//! Arrays that a network reads, for one history.

use ndarray::Array2;

use crate::profile::Profile;

/// What the network reads: T steps, oldest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Inputs {
    /// The numbers, `[T, N]`; all are finite.
    pub numbers: Array2<f32>,
    /// The codes of the categories, `[T, C]`; C is 0 where steps are periods.
    pub categories: Array2<i64>,
}

impl Inputs {
    /// How many steps there are.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.numbers.nrows()
    }

    pub(crate) fn of_numbers(numbers: Array2<f32>) -> Self {
        Self {
            categories: Array2::zeros((numbers.nrows(), 0)),
            numbers,
        }
    }
}

impl From<Profile> for Inputs {
    /// The shares as numbers, without categories.
    fn from(profile: Profile) -> Self {
        Self::of_numbers(profile.into_shares())
    }
}
