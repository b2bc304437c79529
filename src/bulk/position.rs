//! Position of a row or a document in its input, for messages.

use std::fmt;

/// A position in an input, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// A line of text, as editors count them.
    Line(u64),
    /// A row of Parquet.
    Row(u64),
}

impl Position {
    /// The position so many lines or rows farther on.
    pub(crate) fn farther(self, by: u64) -> Self {
        match self {
            Self::Line(number) => Self::Line(number + by),
            Self::Row(number) => Self::Row(number + by),
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(number) => write!(formatter, "line {number}"),
            Self::Row(number) => write!(formatter, "row {number}"),
        }
    }
}
