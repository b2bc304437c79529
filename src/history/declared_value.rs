//! Values of declared fields: how they are read from JSON and from cells of tables.

use std::cmp::Ordering;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, Visitor};

use super::cell::Cell;
use super::declared::{DeclaredFields, FieldKind};
use super::missing::is_missing;
use super::whole_number::{digits_of_cell, digits_of_number};

const NUMBER: &str = "a finite number";
const CATEGORY: &str = "text, or a whole number";

/// A value of a declared field.
#[derive(Debug, Clone, PartialEq)]
pub enum DeclaredValue {
    /// A finite number.
    Number(f64),
    /// Text, or the digits of a whole number.
    Text(Box<str>),
}

impl DeclaredValue {
    /// The order of two values of one field: of numbers by size, of texts by their bytes.
    #[must_use]
    pub fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(one), Self::Number(other)) => one.total_cmp(other),
            (Self::Text(one), Self::Text(other)) => one.cmp(other),
            (Self::Number(_), Self::Text(_)) => Ordering::Less,
            (Self::Text(_), Self::Number(_)) => Ordering::Greater,
        }
    }

    fn number(number: f64) -> Option<Self> {
        // Zero has one sign only.
        number.is_finite().then_some(Self::Number(number + 0.0))
    }

    /// A whole number as text; `None` where its digits are not certain.
    fn digits(number: f64) -> Option<Self> {
        digits_of_number(number).map(|digits| Self::text(&digits))
    }

    fn text(text: &str) -> Self {
        Self::Text(text.into())
    }
}

/// The values of a transaction's declared fields, in the order of the fields' names; some may be missing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeclaredValues(Box<[Option<DeclaredValue>]>);

impl DeclaredValues {
    /// No value of any of these fields.
    #[must_use]
    pub fn missing(fields: &DeclaredFields) -> Self {
        Self(vec![None; fields.len()].into_boxed_slice())
    }

    /// The value of the field at a place; `None` where it is missing.
    #[must_use]
    pub fn get(&self, place: usize) -> Option<&DeclaredValue> {
        self.0.get(place)?.as_ref()
    }

    /// The values, in the order of the fields' names.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Option<&DeclaredValue>> {
        self.0.iter().map(Option::as_ref)
    }

    /// Sets the value of the field at a place.
    pub(crate) fn set(&mut self, place: usize, value: Option<DeclaredValue>) {
        if let Some(slot) = self.0.get_mut(place) {
            *slot = value;
        }
    }

    /// Reads a cell of a table; a text such as `NULL` is a missing value. The text of a category is kept as it stands, as
    /// that of JSON.
    ///
    /// # Errors
    /// With a sentence of what was expected, and no value of the history.
    pub fn read_cell(
        &mut self,
        fields: &DeclaredFields,
        place: usize,
        cell: Cell<'_>,
    ) -> Result<(), &'static str> {
        let value = match (fields.get(place), cell) {
            (None, _) => None,
            (Some(_), Cell::Text(text)) if is_missing(text.trim()) => None,
            (Some(_), Cell::Number(number)) if number.is_nan() => None,
            (Some((_, FieldKind::Number)), cell) => {
                Some(number_in(cell).ok_or("expected a finite number")?)
            }
            (Some((_, FieldKind::Category)), cell) => {
                Some(category_in(cell).ok_or("expected text, or a whole number")?)
            }
        };
        self.set(place, value);
        Ok(())
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "the network takes 32-bit floats"
)]
fn number_in(cell: Cell<'_>) -> Option<DeclaredValue> {
    DeclaredValue::number(match cell {
        Cell::Text(text) => text.trim().parse().ok()?,
        Cell::Number(number) => number,
        Cell::Integer(number) => number as f64,
        Cell::Decimal { number, scale } => {
            format!("{number}e{}", -i32::from(scale)).parse().ok()?
        }
        Cell::Instant(_) | Cell::ClockTime(_) => return None,
    })
}

fn category_in(cell: Cell<'_>) -> Option<DeclaredValue> {
    match cell {
        Cell::Text(text) => Some(DeclaredValue::text(text)),
        cell => digits_of_cell(cell).map(|digits| DeclaredValue::text(&digits)),
    }
}

/// Reads the value of a declared field of this type from JSON; `null` is a missing value.
pub(crate) struct DeclaredValueSeed(pub(crate) FieldKind);

impl<'de> DeserializeSeed<'de> for DeclaredValueSeed {
    type Value = Option<DeclaredValue>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Visitor<'_> for DeclaredValueSeed {
    type Value = Option<DeclaredValue>;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(match self.0 {
            FieldKind::Number => NUMBER,
            FieldKind::Category => CATEGORY,
        })
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Self::Value, E> {
        let value = match self.0 {
            FieldKind::Number => DeclaredValue::number(number),
            FieldKind::Category => DeclaredValue::digits(number),
        };
        let unexpected = || E::invalid_value(de::Unexpected::Float(number), &self);
        value.map(Some).ok_or_else(unexpected)
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "the network takes 32-bit floats"
    )]
    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
        match self.0 {
            FieldKind::Number => self.visit_f64(number as f64),
            FieldKind::Category => Ok(Some(DeclaredValue::text(&number.to_string()))),
        }
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "the network takes 32-bit floats"
    )]
    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
        match self.0 {
            FieldKind::Number => self.visit_f64(number as f64),
            FieldKind::Category => Ok(Some(DeclaredValue::text(&number.to_string()))),
        }
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        match self.0 {
            FieldKind::Number => Err(E::invalid_type(de::Unexpected::Str(text), &self)),
            FieldKind::Category => Ok(Some(DeclaredValue::text(text))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was read; the inner value is missing for `null`.
    type Read = Result<Option<DeclaredValue>, ()>;

    fn in_json(kind: FieldKind, json: &str) -> Read {
        let mut deserializer = serde_json::Deserializer::from_str(json);
        DeclaredValueSeed(kind)
            .deserialize(&mut deserializer)
            .map_err(|_| ())
    }

    fn in_cell(kind: FieldKind, cell: Cell<'_>) -> Read {
        let fields = DeclaredFields::new([("x", kind)]).unwrap();
        let mut values = DeclaredValues::missing(&fields);
        let read = values.read_cell(&fields, 0, cell);
        read.map(|()| values.get(0).cloned()).map_err(|_| ())
    }

    #[test]
    fn number_is_a_finite_number_and_nothing_else() {
        for (json, number) in [("-2.5", -2.5), ("3", 3.0), ("-4", -4.0), ("1e300", 1e300)] {
            let read = in_json(FieldKind::Number, json);
            assert_eq!(read, Ok(Some(DeclaredValue::Number(number))), "{json}");
        }
        assert_eq!(in_json(FieldKind::Number, "null"), Ok(None));
        for json in [r#""3""#, "true", "[1]", "{}", "1e999"] {
            assert_eq!(in_json(FieldKind::Number, json), Err(()), "{json}");
        }
    }

    #[test]
    fn category_is_text_or_the_digits_of_a_whole_number() {
        for (json, text) in [
            (r#""web""#, "web"),
            (r#""""#, ""),
            ("7", "7"),
            ("-7", "-7"),
            ("7.0", "7"),
            ("7e0", "7"),
            ("-0.0", "0"),
            ("18446744073709551615", "18446744073709551615"),
            (r#""7.0""#, "7.0"),
        ] {
            let read = in_json(FieldKind::Category, json);
            assert_eq!(read, Ok(Some(DeclaredValue::text(text))), "{json}");
        }
        assert_eq!(in_json(FieldKind::Category, "null"), Ok(None));
        for json in [
            "7.5",
            "18446744073709551616",
            "1e17",
            "1e999",
            "false",
            r#"["web"]"#,
        ] {
            assert_eq!(in_json(FieldKind::Category, json), Err(()), "{json}");
        }
    }

    #[test]
    fn cell_is_read_as_the_same_json_and_a_text_for_no_value_is_missing() {
        let number = |number| Ok(Some(DeclaredValue::Number(number)));
        let decimal = Cell::Decimal {
            number: -125,
            scale: 1,
        };
        for (cell, expected) in [
            (Cell::Text("-12.5"), number(-12.5)),
            (decimal, number(-12.5)),
            (Cell::Integer(3), number(3.0)),
            (Cell::Number(f64::NAN), Ok(None)),
            (Cell::Text("NULL"), Ok(None)),
            (Cell::Text(" -12.5\t"), number(-12.5)),
            (Cell::Text("  "), Ok(None)),
            (Cell::Text("inf"), Err(())),
            (Cell::Text("much"), Err(())),
            (Cell::Instant(3), Err(())),
        ] {
            assert_eq!(in_cell(FieldKind::Number, cell), expected, "{cell:?}");
        }
        for (cell, expected) in [
            (Cell::Text("web"), Ok(Some(DeclaredValue::text("web")))),
            (Cell::Number(7.0), Ok(Some(DeclaredValue::text("7")))),
            (Cell::Text(" web"), Ok(Some(DeclaredValue::text(" web")))),
            (Cell::Text("nan"), Ok(None)),
            (Cell::Text(" NULL "), Ok(None)),
            (
                Cell::Decimal {
                    number: 700,
                    scale: 2,
                },
                Ok(Some(DeclaredValue::text("7"))),
            ),
            (decimal, Err(())),
            (Cell::Number(7.5), Err(())),
        ] {
            assert_eq!(in_cell(FieldKind::Category, cell), expected, "{cell:?}");
        }
    }
}
