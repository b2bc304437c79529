//! References to a class of the taxonomy, by its name and by an MCC.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserializer;
use serde::de::{self, Visitor};

use super::value::{FieldValue, ReadContext, UNEXPECTED_CELL};
use crate::cell::{Cell, CellKind};
use crate::taxonomy::{Booking, Taxonomy};
use crate::unknown_class::{Unclassified, UnknownClass};

/// The largest merchant category code.
const MAX_MCC: u16 = 9_999;

/// A reference to a class of the taxonomy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClassReference {
    /// There is none, or it is `null`.
    Absent,
    /// The taxonomy has the name or code.
    Known(Booking),
    /// The taxonomy does not have the name or code.
    Unknown,
}

impl ClassReference {
    #[inline]
    fn new(booking: Option<Booking>) -> Self {
        booking.map_or(Self::Unknown, Self::Known)
    }

    /// The booking of a transaction with this class and this MCC. The class wins; `None` for an MCC that the taxonomy
    /// does not have.
    #[inline]
    pub(crate) fn booking(class: Self, mcc: Self) -> Result<Option<Booking>, Unclassified> {
        match (class, mcc) {
            (Self::Known(booking), _) | (Self::Absent, Self::Known(booking)) => Ok(Some(booking)),
            (Self::Absent, Self::Unknown) => Ok(None),
            (Self::Unknown, _) => Err(Unclassified::UnknownClass),
            (Self::Absent, Self::Absent) => Err(Unclassified::Nameless),
        }
    }
}

/// The value of `class`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClassByName(pub(crate) ClassReference);

impl ClassByName {
    fn find(taxonomy: &Taxonomy, name: &str) -> Self {
        Self(ClassReference::new(taxonomy.booking_of_class(name)))
    }
}

impl FieldValue for ClassByName {
    const CELLS: &'static [CellKind] = &[CellKind::Text];

    fn from_json<'de, D: Deserializer<'de>>(
        deserializer: D,
        context: ReadContext<'_>,
    ) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ClassNameVisitor(context))
    }

    fn from_cell(cell: Cell<'_>, context: ReadContext<'_>) -> Result<Self, &'static str> {
        match cell {
            Cell::Text(name) => Ok(Self::find(context.taxonomy, name)),
            _ => Err(UNEXPECTED_CELL),
        }
    }
}

struct ClassNameVisitor<'a>(ReadContext<'a>);

impl Visitor<'_> for ClassNameVisitor<'_> {
    type Value = ClassByName;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("the name of a class as a string")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<ClassByName, E> {
        let class = ClassByName::find(self.0.taxonomy, name);
        let is_refused =
            class.0 == ClassReference::Unknown && self.0.unknown_class == UnknownClass::Refuse;
        if is_refused {
            return Err(E::custom(Unclassified::UnknownClass));
        }
        Ok(class)
    }

    fn visit_unit<E: de::Error>(self) -> Result<ClassByName, E> {
        Ok(ClassByName(ClassReference::Absent))
    }
}

impl JsonSchema for ClassByName {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "ClassName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string"})
    }
}

/// The value of `mcc`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClassByMcc(pub(crate) ClassReference);

impl ClassByMcc {
    /// The class that a code of four digits at most falls into.
    #[inline]
    pub(crate) fn find(taxonomy: &Taxonomy, code: u16) -> Self {
        Self(ClassReference::new(taxonomy.booking_of_mcc(code)))
    }

    fn find_whole_number<N>(taxonomy: &Taxonomy, code: N) -> Option<Self>
    where
        u16: TryFrom<N>,
    {
        let code = u16::try_from(code).ok().filter(|&code| code <= MAX_MCC)?;
        Some(Self::find(taxonomy, code))
    }
}

/// A code of `digits` decimal digits.
fn code(text: &str, digits: std::ops::RangeInclusive<usize>) -> Option<u16> {
    let is_code = digits.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_code.then(|| text.parse().ok())?
}

impl FieldValue for ClassByMcc {
    const CELLS: &'static [CellKind] = &[CellKind::Integer, CellKind::Text];

    fn from_json<'de, D: Deserializer<'de>>(
        deserializer: D,
        context: ReadContext<'_>,
    ) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MccVisitor(context.taxonomy))
    }

    fn from_cell(cell: Cell<'_>, context: ReadContext<'_>) -> Result<Self, &'static str> {
        match cell {
            // Leading zeros may be missing, as they are where a program took the codes for numbers.
            Cell::Text(text) => code(text, 1..=4)
                .map(|code| Self::find(context.taxonomy, code))
                .ok_or("expected up to four digits"),
            Cell::Integer(code) => {
                Self::find_whole_number(context.taxonomy, code).ok_or("expected 0 to 9999")
            }
            _ => Err(UNEXPECTED_CELL),
        }
    }
}

/// Reads a number or, since codes have leading zeros, a string of four digits.
struct MccVisitor<'a>(&'a Taxonomy);

impl Visitor<'_> for MccVisitor<'_> {
    type Value = ClassByMcc;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("an MCC, 0 to 9999")
    }

    fn visit_u64<E: de::Error>(self, code: u64) -> Result<ClassByMcc, E> {
        ClassByMcc::find_whole_number(self.0, code)
            .ok_or_else(|| E::custom("expected an MCC, 0 to 9999"))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<ClassByMcc, E> {
        code(text, 4..=4)
            .map(|code| ClassByMcc::find(self.0, code))
            .ok_or_else(|| E::custom("expected an MCC of four digits"))
    }

    fn visit_unit<E: de::Error>(self) -> Result<ClassByMcc, E> {
        Ok(ClassByMcc(ClassReference::Absent))
    }
}

impl JsonSchema for ClassByMcc {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "MerchantCategoryCode".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["integer", "string"],
            "minimum": 0,
            "maximum": 9999,
            "pattern": "^[0-9]{4}$",
        })
    }
}
