//! Values of fields: how each type is read from JSON and from a cell of a table.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use crate::amount::Amount;
use crate::cell::{Cell, CellKind};
use crate::currency::{Currency, MixedCurrencies, WrittenCurrency};
use crate::identifier::{CheckedIdentifier, Identifier};
use crate::moment::Moment;
use crate::taxonomy::Taxonomy;
use crate::time_zone::TimeZone;
use crate::unknown_class::UnknownClass;
use crate::written_time::WrittenTime;

/// The fault of a cell whose kind is not among [`FieldValue::CELLS`].
pub(super) const UNEXPECTED_CELL: &str = "expected a value of another type";

/// The context that the values of a transaction are read in.
#[derive(Debug, Clone, Copy)]
pub struct ReadContext<'a> {
    /// The classes of the model.
    pub taxonomy: &'a Taxonomy,
    /// The zone of times without an offset.
    pub zone: &'a TimeZone,
    /// Whether an unknown class in JSON is refused at its place.
    pub unknown_class: UnknownClass,
    /// Whether a second currency is refused.
    pub mixed_currencies: MixedCurrencies,
}

/// The type of a field. Its schema is that of its JSON.
pub(super) trait FieldValue: JsonSchema + Sized {
    /// The kinds of cells that it is read from; a field without any has no column.
    const CELLS: &'static [CellKind] = &[];

    /// Reads the value of a member of a JSON object.
    ///
    /// # Errors
    /// With a sentence of what was expected, and no value of the history.
    fn from_json<'de, D: Deserializer<'de>>(
        deserializer: D,
        context: ReadContext<'_>,
    ) -> Result<Self, D::Error>;

    /// Reads a cell of one of the kinds in [`FieldValue::CELLS`].
    ///
    /// # Errors
    /// With a sentence of what was expected, and no value of the history.
    fn from_cell(_cell: Cell<'_>, _context: ReadContext<'_>) -> Result<Self, &'static str> {
        Err(UNEXPECTED_CELL)
    }
}

impl FieldValue for CheckedIdentifier {
    const CELLS: &'static [CellKind] = &[
        CellKind::Text,
        CellKind::Integer,
        CellKind::Decimal,
        CellKind::Number,
    ];

    fn from_json<'de, D: Deserializer<'de>>(
        deserializer: D,
        _context: ReadContext<'_>,
    ) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }

    fn from_cell(cell: Cell<'_>, _context: ReadContext<'_>) -> Result<Self, &'static str> {
        Identifier::from_cell(cell).map(|_| Self)
    }
}

impl FieldValue for Moment {
    const CELLS: &'static [CellKind] = &[CellKind::Instant, CellKind::Text];

    fn from_json<'de, D: Deserializer<'de>>(
        deserializer: D,
        context: ReadContext<'_>,
    ) -> Result<Self, D::Error> {
        let time = WrittenTime::deserialize(deserializer)?;
        Ok(time.in_zone(context.zone))
    }

    fn from_cell(cell: Cell<'_>, context: ReadContext<'_>) -> Result<Self, &'static str> {
        match cell {
            Cell::Text(text) => Self::parse_in(text, context.zone),
            Cell::Instant(microseconds) => Self::from_unix_microseconds(microseconds),
            Cell::ClockTime(microseconds) => {
                let shown = Self::from_unix_microseconds(microseconds)?;
                Ok(context.zone.moment_of(shown))
            }
            _ => Err(UNEXPECTED_CELL),
        }
    }
}

impl FieldValue for Amount {
    const CELLS: &'static [CellKind] = &[
        CellKind::Decimal,
        CellKind::Number,
        CellKind::Integer,
        CellKind::Text,
    ];

    fn from_json<'de, D: Deserializer<'de>>(
        deserializer: D,
        _context: ReadContext<'_>,
    ) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }

    fn from_cell(cell: Cell<'_>, _context: ReadContext<'_>) -> Result<Self, &'static str> {
        match cell {
            Cell::Text(text) => text
                .parse()
                .map_err(|_| "expected a number such as -12.50")
                .and_then(Self::parse),
            Cell::Decimal { number, scale } => Self::from_decimal(number, scale),
            Cell::Number(number) => Self::parse(number),
            Cell::Integer(number) => Self::from_decimal(number, 0),
            Cell::Instant(_) | Cell::ClockTime(_) => Err(UNEXPECTED_CELL),
        }
    }
}

impl FieldValue for WrittenCurrency {
    const CELLS: &'static [CellKind] = &[CellKind::Text, CellKind::Integer];

    fn from_json<'de, D: Deserializer<'de>>(
        deserializer: D,
        _context: ReadContext<'_>,
    ) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }

    fn from_cell(cell: Cell<'_>, _context: ReadContext<'_>) -> Result<Self, &'static str> {
        match cell {
            Cell::Text(text) => Ok(Self(Currency::parse(text))),
            Cell::Integer(number) => Ok(Self(Currency::parse(&number.to_string()))),
            _ => Err(UNEXPECTED_CELL),
        }
    }
}
