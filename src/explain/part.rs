//! Parts: the pieces of a customer's spending that coefficients stand for, and what people call them.

use ndarray::{ArrayBase, ArrayView2, Axis, Ix2, RawData, Slice};

use super::Level;
use crate::history::{Class, Taxonomy, Totals};

/// A piece of the spending in the window: a class, a period, or a class in one period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Part {
    /// The class's column in the totals; `None` for all classes together.
    pub(super) class: Option<usize>,
    /// The period's row in the totals; `None` for all periods together.
    pub(super) period: Option<usize>,
    /// Its share of all spending in the window, above 0.
    pub(super) share: f64,
}

/// The parts with any spending in totals `[T, K]`, in the order of periods, then of classes; their shares sum to 1.
pub(super) fn parts(spending: ArrayView2<'_, f64>, level: Level) -> Vec<Part> {
    let total: f64 = spending.sum();
    let part = |class, period, amount: f64| Part {
        class,
        period,
        share: amount / total,
    };
    let all: Vec<Part> = match level {
        Level::Class => {
            let columns = spending.columns().into_iter().enumerate();
            columns
                .map(|(class, amounts)| part(Some(class), None, amounts.sum()))
                .collect()
        }
        Level::Period => {
            let rows = spending.rows().into_iter().enumerate();
            rows.map(|(period, amounts)| part(None, Some(period), amounts.sum()))
                .collect()
        }
        Level::Cell => {
            let cells = spending.indexed_iter();
            cells
                .map(|((period, class), &amount)| part(Some(class), Some(period), amount))
                .collect()
        }
    };
    all.into_iter().filter(|part| part.share > 0.0).collect()
}

impl Part {
    /// Its cells of a matrix `[T, K]`.
    pub(super) fn cells<S: RawData>(self, mut matrix: ArrayBase<S, Ix2>) -> ArrayBase<S, Ix2> {
        for (axis, place) in [(Axis(0), self.period), (Axis(1), self.class)] {
            if let Some(place) = place {
                matrix.slice_axis_inplace(axis, Slice::from(place..=place));
            }
        }
        matrix
    }
}

/// What the classes and periods of one customer's totals are called.
pub(super) struct Names<'a> {
    classes: &'a [Class],
    periods: Vec<String>,
}

impl<'a> Names<'a> {
    pub(super) fn new(taxonomy: &'a Taxonomy, totals: &Totals) -> Self {
        let periods = totals.periods();
        Self {
            classes: taxonomy.classes(),
            periods: periods.map(|(period, _)| period.to_string()).collect(),
        }
    }

    /// The class of a part that has one.
    pub(super) fn class(&self, part: Part) -> Option<&'a Class> {
        part.class.map(|class| &self.classes[class])
    }

    /// The period of a part that has one.
    pub(super) fn period(&self, part: Part) -> Option<&str> {
        part.period.map(|period| self.periods[period].as_str())
    }

    /// The part in a sentence.
    pub(super) fn phrase(&self, part: Part) -> String {
        match (self.class(part), self.period(part)) {
            (Some(class), Some(period)) => format!("{} in {period}", class.id),
            (Some(class), None) => class.id.clone(),
            (None, period) => period.unwrap_or("everything").to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    fn spending() -> Array2<f64> {
        array![[30.0, 0.0, 10.0], [0.0, 0.0, 0.0], [0.0, 0.0, 40.0]]
    }

    #[test]
    fn parts_without_spending_are_none_and_shares_sum_to_one() {
        let places = |level| -> Vec<(Option<usize>, Option<usize>, f64)> {
            parts(spending().view(), level)
                .iter()
                .map(|part| (part.class, part.period, part.share))
                .collect()
        };
        assert_eq!(
            places(Level::Class),
            [(Some(0), None, 0.375), (Some(2), None, 0.625)]
        );
        assert_eq!(
            places(Level::Period),
            [(None, Some(0), 0.5), (None, Some(2), 0.5)]
        );
        assert_eq!(
            places(Level::Cell),
            [
                (Some(0), Some(0), 0.375),
                (Some(2), Some(0), 0.125),
                (Some(2), Some(2), 0.5)
            ]
        );
    }

    #[test]
    fn the_cells_of_all_parts_are_all_the_spending_at_every_level() {
        for level in [Level::Class, Level::Period, Level::Cell] {
            let mut left = spending();
            for part in parts(spending().view(), level) {
                let amount = part.cells(left.view()).sum();
                assert!((amount / 80.0 - part.share).abs() < 1e-12, "{level:?}");
                part.cells(left.view_mut()).fill(0.0);
            }
            assert_eq!(left, Array2::<f64>::zeros((3, 3)), "{level:?}");
        }
    }
}
