//! Division of a customer's spending into parts: what coefficients stand for.

use std::collections::BTreeMap;

use ndarray::{ArrayView2, ArrayViewMut1, ArrayViewMut2, Axis, Slice};

use crate::level::Level;
use crate::part::{Part, Place};
use microseg_encoding::write_shares;

/// All spending of a window, cell by cell, and the part that each cell belongs to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Division {
    parts: Vec<Part>,
    /// The cells with spending, period by period.
    periods: Vec<Vec<Cell>>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Cell {
    class: usize,
    amount: f64,
    /// `None` for one that stays as it is.
    part: Option<usize>,
}

impl Cell {
    /// What its amount is multiplied by, from a factor for each part.
    fn factor(&self, of_parts: &[f64]) -> f64 {
        self.part.map_or(1.0, |part| of_parts[part])
    }
}

impl Division {
    /// Divides totals `[T, K]` from their `first` period on: what is `kept` becomes a part of its own, all else is the rest. Earlier
    /// periods stay as they are.
    pub(super) fn new(
        spending: ArrayView2<'_, f64>,
        level: Level,
        first: usize,
        kept: impl Fn(Place) -> bool,
    ) -> Self {
        let total: f64 = spending.slice_axis(Axis(0), Slice::from(first..)).sum();
        let mut amounts: BTreeMap<Place, f64> = BTreeMap::new();
        let spent = |amount: &f64| *amount > 0.0;
        let divided = { spending.indexed_iter() }
            .filter(|((period, _), amount)| *period >= first && spent(amount));
        for ((period, class), &amount) in divided {
            *amounts.entry(Place::of(level, period, class)).or_default() += amount;
        }
        let mut parts = Vec::new();
        let mut numbers: BTreeMap<Place, usize> = BTreeMap::new();
        let mut rest = Part::of_spending(Place::Rest, 0.0, 0);
        for (place, amount) in amounts {
            let share = amount / total;
            if kept(place) {
                numbers.insert(place, parts.len());
                parts.push(Part::of_spending(place, share, 1));
            } else {
                rest = Part::of_spending(Place::Rest, rest.share + share, rest.holds + 1);
            }
        }
        let rest_number = parts.len();
        if rest.holds > 0 {
            parts.push(rest);
        }
        let cells = |(period, row): (usize, ndarray::ArrayView1<'_, f64>)| {
            let active = row.iter().enumerate().filter(|(_, amount)| spent(amount));
            active
                .map(|(class, &amount)| Cell {
                    class,
                    amount,
                    part: (period >= first).then(|| {
                        let place = Place::of(level, period, class);
                        *numbers.get(&place).unwrap_or(&rest_number)
                    }),
                })
                .collect()
        };
        let periods = spending.rows().into_iter().enumerate().map(cells).collect();
        Self { parts, periods }
    }

    /// Every class, period or cell with spending is a part of its own.
    pub(super) fn whole(spending: ArrayView2<'_, f64>, level: Level) -> Self {
        Self::new(spending, level, 0, |_| true)
    }

    pub(super) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// A matrix `[T, K]` summed over the cells of each part.
    pub(super) fn gather(&self, matrix: ArrayView2<'_, f64>) -> Vec<f64> {
        let mut sums = vec![0.0; self.parts.len()];
        for (cells, row) in self.periods.iter().zip(matrix.rows()) {
            for cell in cells {
                if let Some(part) = cell.part {
                    sums[part] += row[cell.class];
                }
            }
        }
        sums
    }

    /// Writes the profile `[T, K]` of the spending with each part multiplied by its factor; `profile` is all zero before. With a
    /// `basket` of K shares, the share that is taken away from a period is spent as the basket is.
    pub(super) fn write_profile(
        &self,
        factors: &[f64],
        basket: Option<&[f64]>,
        mut profile: ArrayViewMut2<'_, f32>,
    ) {
        for (cells, shares) in self.periods.iter().zip(profile.rows_mut()) {
            let is_less = cells.iter().any(|cell| cell.factor(factors) < 1.0);
            if let Some(basket) = basket.filter(|_| is_less) {
                write_mixed_shares(cells, factors, basket, shares);
                continue;
            }
            let spending = cells
                .iter()
                .map(|cell| (cell.class, cell.amount * cell.factor(factors)));
            write_shares(spending, shares);
        }
    }
}

/// Writes the shares of a period whose parts are there to the extent of their factors, 0 to 1: what is left of the whole is
/// spent as the basket is.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the network takes 32-bit floats"
)]
fn write_mixed_shares(
    cells: &[Cell],
    factors: &[f64],
    basket: &[f64],
    mut shares: ArrayViewMut1<'_, f32>,
) {
    let total: f64 = cells.iter().map(|cell| cell.amount).sum();
    let kept = |cell: &Cell| cell.amount / total * cell.factor(factors);
    let left = 1.0 - cells.iter().map(kept).sum::<f64>();
    let mut mixed: Vec<f64> = basket.iter().map(|share| left.max(0.0) * share).collect();
    for cell in cells {
        mixed[cell.class] += kept(cell);
    }
    for (share, mixed) in shares.iter_mut().zip(mixed) {
        *share = mixed as f32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    fn spending() -> Array2<f64> {
        array![[30.0, 0.0, 10.0], [0.0, 0.0, 0.0], [0.0, 0.0, 40.0]]
    }

    fn places(division: &Division) -> Vec<(Place, f64, usize)> {
        let parts = division.parts().iter();
        parts
            .map(|part| (part.place, part.share, part.holds))
            .collect()
    }

    #[test]
    fn only_places_with_spending_are_parts_and_their_shares_sum_to_one() {
        let whole = |level| places(&Division::whole(spending().view(), level));
        let cell = |period, class| Place::Cell { period, class };
        assert_eq!(
            whole(Level::Class),
            [(Place::Class(0), 0.375, 1), (Place::Class(2), 0.625, 1)]
        );
        assert_eq!(
            whole(Level::Period),
            [(Place::Period(0), 0.5, 1), (Place::Period(2), 0.5, 1)]
        );
        assert_eq!(
            whole(Level::Cell),
            [
                (cell(0, 0), 0.375, 1),
                (cell(0, 2), 0.125, 1),
                (cell(2, 2), 0.5, 1)
            ]
        );
    }

    #[test]
    fn places_that_are_not_kept_form_the_rest() {
        let division = Division::new(spending().view(), Level::Cell, 0, |place| {
            place.period() == Some(2)
        });
        let kept = Place::Cell {
            period: 2,
            class: 2,
        };
        assert_eq!(places(&division), [(kept, 0.5, 1), (Place::Rest, 0.5, 2)]);
        assert_eq!(division.gather(spending().view()), [40.0, 40.0]);
    }

    #[test]
    fn periods_before_the_first_one_are_no_parts_and_stay_as_they_are() {
        let division = Division::new(spending().view(), Level::Class, 1, |_| true);
        assert_eq!(places(&division), [(Place::Class(2), 1.0, 1)]);
        let mut profile = Array2::zeros((3, 3));
        let basket = [0.25, 0.75, 0.0];
        division.write_profile(&[0.0], Some(&basket), profile.view_mut());
        let expected = array![[0.75_f32, 0.0, 0.25], [0.0, 0.0, 0.0], [0.25, 0.75, 0.0]];
        assert_eq!(profile, expected);
    }

    #[test]
    fn parts_sum_to_all_the_spending_at_every_level() {
        for level in [Level::Class, Level::Period, Level::Cell] {
            let division = Division::whole(spending().view(), level);
            let amounts = division.gather(spending().view());
            for (part, amount) in division.parts().iter().zip(&amounts) {
                assert!((amount / 80.0 - part.share).abs() < 1e-12, "{level:?}");
            }
            assert!(
                (amounts.iter().sum::<f64>() - 80.0).abs() < 1e-12,
                "{level:?}"
            );
        }
    }

    #[test]
    fn profile_without_a_part_has_its_shares_computed_again() {
        let spending = array![[30.0, 0.0, 10.0], [0.0, 0.0, 5.0]];
        let division = Division::whole(spending.view(), Level::Class);
        let profile = |factors: &[f64]| {
            let mut profile = Array2::zeros((2, 3));
            division.write_profile(factors, None, profile.view_mut());
            profile
        };
        assert_eq!(
            profile(&[1.0, 1.0]),
            array![[0.75, 0.0, 0.25], [0.0, 0.0, 1.0]]
        );
        assert_eq!(
            profile(&[1.0, 0.0]),
            array![[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
        );
        assert_eq!(
            profile(&[1.0, 3.0]),
            array![[0.5, 0.0, 0.5], [0.0, 0.0, 1.0]]
        );
    }

    #[test]
    fn share_that_is_taken_away_is_spent_as_the_basket_is() {
        let spending = array![[30.0, 0.0, 10.0], [0.0, 0.0, 5.0], [0.0, 0.0, 0.0]];
        let division = Division::whole(spending.view(), Level::Class);
        let basket = [0.5, 0.25, 0.25];
        let profile = |factors: &[f64]| {
            let mut profile = Array2::zeros((3, 3));
            division.write_profile(factors, Some(&basket), profile.view_mut());
            profile
        };
        let nothing = [0.0, 0.0, 0.0];
        let of_basket = [0.5, 0.25, 0.25];
        // By hand: 0.75 of the first period stays, and a quarter is spent as the basket is.
        assert_eq!(
            profile(&[1.0, 0.0]),
            array![[0.875, 0.0625, 0.0625], of_basket, nothing]
        );
        assert_eq!(profile(&[0.0, 0.0]), array![of_basket, of_basket, nothing]);
        assert_eq!(
            profile(&[1.0, 1.0]),
            array![[0.75, 0.0, 0.25], [0.0, 0.0, 1.0], nothing]
        );
    }
}
