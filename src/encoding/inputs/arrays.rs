//! Arrays that a network reads, for one history.

use ndarray::{Array2, Axis, Slice};

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

    /// The last steps, so many or all.
    pub(crate) fn last(&self, steps: usize) -> Self {
        let from = self.steps().saturating_sub(steps);
        Self {
            numbers: self
                .numbers
                .slice_axis(Axis(0), Slice::from(from..))
                .to_owned(),
            categories: self
                .categories
                .slice_axis(Axis(0), Slice::from(from..))
                .to_owned(),
        }
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
