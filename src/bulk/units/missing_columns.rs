//! Columns of declared fields that no table of a run has.

use std::collections::BTreeSet;

use crate::columns::{ColumnNames, ColumnPositions};
use crate::observer::RunObserver;

/// What the tables of a run lack in common; reported once, when the columns of all of them are known.
#[derive(Debug, Default)]
pub(super) struct MissingColumns {
    /// `None` before the first table.
    of_all: Option<BTreeSet<String>>,
}

impl MissingColumns {
    /// Adds a table.
    pub(super) fn add(&mut self, names: &ColumnNames, positions: &ColumnPositions) {
        let missing = names.missing_details(positions).map(str::to_owned);
        let missing: BTreeSet<String> = missing.collect();
        self.of_all = Some(match self.of_all.take() {
            Some(before) => before.intersection(&missing).cloned().collect(),
            None => missing,
        });
    }

    /// Reports them, if they were not.
    pub(super) fn report(&mut self, observer: &dyn RunObserver) {
        for column in self.of_all.take().into_iter().flatten() {
            observer.column_missing(&column);
        }
    }
}
