//! What reading gives, one after the other: a history, or why there is none.

use std::fmt;

use microseg_encoding::History;
use microseg_history::Identifier;
use microseg_problem::Problem;

/// Where in its input something stands, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A line of text, as editors count them.
    Line(u64),
    /// A row of Parquet.
    Row(u64),
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(number) => write!(formatter, "line {number}"),
            Self::Row(number) => write!(formatter, "row {number}"),
        }
    }
}

/// A customer who could not be scored.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refused {
    /// Where the fault is; a line of NDJSON counts from the beginning of its unit.
    pub(super) place: Place,
    /// Who it is, where that could be read.
    pub(super) customer_id: Option<Identifier>,
    pub(super) problem: Problem,
}

/// One customer.
pub(super) type Entry = Result<History, Refused>;
