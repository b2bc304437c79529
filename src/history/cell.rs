//! Cells of tables: the values that readers of CSV and Parquet hand over.

/// One value of a table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    /// Text. Identifiers and declared fields get it as it stands, all others without the space around it.
    Text(&'a str),
    /// A point in time, in microseconds since 1970-01-01T00:00:00Z.
    Instant(i64),
    /// A time without an offset, in microseconds since clocks showed 1970-01-01T00:00:00.
    ClockTime(i64),
    /// A decimal: `number` times 10^-`scale`.
    Decimal {
        /// The digits of the decimal.
        number: i128,
        /// How many of them come after the point.
        scale: i8,
    },
    /// A binary number.
    Number(f64),
    /// A whole number.
    Integer(i128),
}

/// The kinds of [`Cell`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellKind {
    /// [`Cell::Text`].
    Text,
    /// [`Cell::Instant`] or [`Cell::ClockTime`].
    Instant,
    /// [`Cell::Decimal`].
    Decimal,
    /// [`Cell::Number`].
    Number,
    /// [`Cell::Integer`].
    Integer,
}
