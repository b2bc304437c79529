//! Errors of the embedded tables.

use microseg_history::TaxonomyError;

/// A fault in one of the embedded tables.
#[derive(Debug, thiserror::Error)]
pub enum SimulationError {
    /// The taxonomy cannot be read.
    #[error("taxonomy.csv: {0}")]
    Taxonomy(#[from] TaxonomyError),
    /// The taxonomy has other traits, or the same in another order.
    #[error("taxonomy.csv: the simulation knows the traits {expected}, in this order")]
    Traits {
        /// The traits it knows, with commas between them.
        expected: String,
    },
    /// A table is not CSV, or a cell has the wrong type.
    #[error("{table}: {source}")]
    Csv {
        /// The table's file name.
        table: &'static str,
        /// The fault that the CSV reader found.
        source: csv::Error,
    },
    /// A row contradicts itself or another table.
    #[error("{table}, {row}: {reason}")]
    Row {
        /// The table's file name.
        table: &'static str,
        /// The row's name, in its first column.
        row: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The calendar of the simulated years cannot be made.
    #[error("calendar: {0}")]
    Calendar(#[from] jiff::Error),
}

impl SimulationError {
    /// For `map_err` on everything that reads a table.
    pub(super) fn csv(table: &'static str) -> impl Fn(csv::Error) -> Self {
        move |source| Self::Csv { table, source }
    }
}
