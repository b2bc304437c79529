//! Parts of a history: what coefficients stand for.

use crate::level::Level;

/// The place of a part. Sorted by period, then by class; what has no coefficient of its own comes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// A class, all periods together: its column in the totals. Income classes follow behind the spending classes, and then
    /// comes what is unclassified.
    Class(usize),
    /// A period, all classes together: its row in the totals.
    Period(usize),
    /// A class in one period.
    Cell { period: usize, class: usize },
    /// A transaction, or several that follow each other: the place of the first one among all.
    Event(usize),
    /// A field that numbers of events are taken from: its place among those of the declaration.
    Field(usize),
    /// The transactions before a checkpoint.
    Pruned,
    /// All places without a part of their own.
    Rest,
}

/// A piece of the history.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Part {
    pub(super) place: Place,
    /// Its share of all spending, 0 to 1.
    pub(super) share: f64,
    /// How far the customer is from what they are without it: its share of the spending, of the transactions, or of the fields.
    pub(super) weight: f64,
    /// The number of places in it, or of transactions at the level of events; 1 unless it has no coefficient of its own.
    pub(super) holds: usize,
    /// Whether all of it is spending of a class, a period or a cell, which is what the sentences of reasons are about.
    pub(super) is_spending: bool,
}

impl Part {
    /// A part of the totals.
    pub(super) fn of_spending(place: Place, share: f64, holds: usize) -> Self {
        Self {
            place,
            share,
            weight: share,
            holds,
            is_spending: true,
        }
    }

    /// One of so many fields. Fields do not divide the spending.
    #[expect(clippy::cast_precision_loss, reason = "inputs have few fields")]
    pub(super) fn of_field(field: usize, of_fields: usize) -> Self {
        Self {
            place: Place::Field(field),
            share: 0.0,
            weight: 1.0 / of_fields as f64,
            holds: 1,
            is_spending: false,
        }
    }

    /// Whether it is ranked and listed by its own name.
    pub(super) fn has_name(&self) -> bool {
        !matches!(self.place, Place::Pruned | Place::Rest)
    }
}

impl Place {
    /// Of a class and a period at a level of totals.
    pub(super) fn of(level: Level, period: usize, class: usize) -> Self {
        match level {
            Level::Class => Self::Class(class),
            Level::Period => Self::Period(period),
            Level::Cell => Self::Cell { period, class },
            Level::Event | Level::Field => Self::Rest,
        }
    }

    /// The class's column, for a place that has one.
    pub(super) fn class(self) -> Option<usize> {
        match self {
            Self::Class(class) | Self::Cell { class, .. } => Some(class),
            Self::Period(_) | Self::Event(_) | Self::Field(_) | Self::Pruned | Self::Rest => None,
        }
    }

    /// The period's row, for a place that has one.
    pub(super) fn period(self) -> Option<usize> {
        match self {
            Self::Period(period) | Self::Cell { period, .. } => Some(period),
            Self::Class(_) | Self::Event(_) | Self::Field(_) | Self::Pruned | Self::Rest => None,
        }
    }
}
