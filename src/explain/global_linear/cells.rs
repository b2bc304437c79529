//! Cells of an unrolled surrogate: what each number of each step adds, summed over parts.

use ndarray::ArrayView2;

use crate::division::Division;
use crate::level::Level;
use crate::part::{Part, Place};
use crate::subject::Reencoded;
use crate::transaction_division::TransactionDivision;
use microseg_encoding::InputDeclaration;

/// The parts that the cells `[T, U]` belong to.
pub(super) enum Cells {
    /// Each class in each period, by itself.
    Shares(Division),
    /// All numbers of a step together: the transactions of the window are the steps.
    Steps(TransactionDivision),
    /// A number at all steps together.
    Columns(Columns),
}

/// The parts of the numbers that are taken from fields, and one for all categories.
pub(super) struct Columns {
    parts: Vec<Part>,
    part_of: Vec<usize>,
}

impl Cells {
    /// Of the transactions from `first` on, which are those of the window.
    pub(super) fn of_events(
        declaration: &InputDeclaration,
        history: Reencoded<'_>,
        first: usize,
        level: Level,
    ) -> Self {
        let window = Reencoded {
            transactions: &history.transactions[first..],
            ..history
        };
        match level {
            Level::Field => Self::Columns(Columns::new(declaration)),
            Level::Event => {
                let place_of = |step| Place::Event(first + step);
                Self::Steps(TransactionDivision::new(window, place_of, |_| true))
            }
            Level::Class | Level::Period | Level::Cell => {
                Self::Steps(TransactionDivision::by_level(window, level, |_| true))
            }
        }
    }

    pub(super) fn parts(&self) -> &[Part] {
        match self {
            Self::Shares(division) => division.parts(),
            Self::Steps(division) => division.parts(),
            Self::Columns(columns) => &columns.parts,
        }
    }

    /// What the cells add, summed over those of each part.
    pub(super) fn gather(&self, cells: ArrayView2<'_, f64>) -> Vec<f64> {
        match self {
            Self::Shares(division) => division.gather(cells),
            Self::Steps(division) => {
                division.gather(cells.rows().into_iter().map(|step| step.sum()))
            }
            Self::Columns(columns) => {
                let mut sums = vec![0.0; columns.parts.len()];
                // Beyond the numbers are the codes of categories.
                let categories = columns.parts.len().saturating_sub(1);
                for (column, cells) in cells.columns().into_iter().enumerate() {
                    let part = columns.part_of.get(column).unwrap_or(&categories);
                    sums[*part] += cells.sum();
                }
                sums
            }
        }
    }
}

impl Columns {
    fn new(declaration: &InputDeclaration) -> Self {
        let fields = declaration.number_fields();
        let categories = declaration.categories();
        let count = fields.len() + usize::from(categories > 0);
        let mut part_of = vec![0; declaration.numbers()];
        for (place, field) in fields.iter().enumerate() {
            for &column in field.columns() {
                part_of[column] = place;
            }
        }
        let places = 0..fields.len();
        let mut parts: Vec<Part> = places.map(|place| Part::of_field(place, count)).collect();
        if categories > 0 {
            parts.push(Part {
                place: Place::Rest,
                holds: categories,
                ..Part::of_field(0, count)
            });
        }
        Self { parts, part_of }
    }
}
