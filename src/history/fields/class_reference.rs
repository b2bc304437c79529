//! References to a class of the taxonomy, by its name and by an MCC.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserializer;
use serde::de::{self, Visitor};

use super::value::{FieldValue, ReadContext, UNEXPECTED_CELL};
use crate::cell::{Cell, CellKind};
use crate::mcc::Mcc;
use crate::missing::is_missing;
use crate::taxonomy::{Booking, Taxonomy};
use crate::unknown_class::{NoSuchClass, UnknownClass};

/// The text of a code: up to four digits, with `.0` behind them where a program took the codes for numbers, or one of
/// the texts that say that there is none.
const MCC_PATTERN: &str = concat!(
    r"^([0-9]{1,4}(\.0+)?|[Nn][Aa][Nn]|[Nn][Uu][Ll][Ll]|[Nn]/?[Aa]|[Nn][Oo][Nn][Ee]|[Nn][Ii][Ll]|",
    r"\\[Nn]|<[Nn][Aa]>|#[Nn]/[Aa])?$",
);

/// A reference to a class of the taxonomy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClassReference {
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

    /// This class, or without one the class of an MCC.
    #[inline]
    pub(crate) fn or(self, mcc: Self) -> Self {
        match self {
            Self::Absent => mcc,
            class => class,
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
            Cell::Text(name) => Ok(match Self::find(context.taxonomy, name) {
                Self(ClassReference::Unknown) if is_missing(name) => Self(ClassReference::Absent),
                class => class,
            }),
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
            return Err(E::custom(NoSuchClass));
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

/// The value of `mcc`: the class that the code falls into, and the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClassByMcc {
    pub(crate) class: ClassReference,
    pub(crate) code: Option<Mcc>,
}

impl ClassByMcc {
    /// No code.
    pub(crate) const ABSENT: Self = Self {
        class: ClassReference::Absent,
        code: None,
    };

    /// The class that a code falls into.
    #[inline]
    pub(crate) fn find(taxonomy: &Taxonomy, code: Mcc) -> Self {
        Self {
            class: ClassReference::new(taxonomy.booking_of_mcc(code.get())),
            code: Some(code),
        }
    }

    fn find_whole_number<N>(taxonomy: &Taxonomy, code: N) -> Option<Self>
    where
        u16: TryFrom<N>,
    {
        Some(Self::find(taxonomy, Mcc::of_whole_number(code)?))
    }

    fn find_text(taxonomy: &Taxonomy, text: &str) -> Option<Self> {
        if is_missing(text) {
            return Some(Self::ABSENT);
        }
        Some(Self::find(taxonomy, Mcc::parse(text)?))
    }

    /// A code in a column of numbers, which has `NaN` where there is none.
    fn find_number(taxonomy: &Taxonomy, number: f64) -> Option<Self> {
        if number.is_nan() {
            return Some(Self::ABSENT);
        }
        Some(Self::find(taxonomy, Mcc::of_number(number)?))
    }

    fn find_decimal(taxonomy: &Taxonomy, number: i128, scale: i8) -> Option<Self> {
        Some(Self::find(taxonomy, Mcc::of_decimal(number, scale)?))
    }
}

impl FieldValue for ClassByMcc {
    const CELLS: &'static [CellKind] = &[
        CellKind::Integer,
        CellKind::Text,
        CellKind::Number,
        CellKind::Decimal,
    ];

    fn from_json<'de, D: Deserializer<'de>>(
        deserializer: D,
        context: ReadContext<'_>,
    ) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MccVisitor(context.taxonomy))
    }

    fn from_cell(cell: Cell<'_>, context: ReadContext<'_>) -> Result<Self, &'static str> {
        let taxonomy = context.taxonomy;
        match cell {
            Cell::Text(text) => Self::find_text(taxonomy, text).ok_or("expected up to four digits"),
            Cell::Integer(code) => Self::find_whole_number(taxonomy, code).ok_or(EXPECTED_NUMBER),
            Cell::Number(number) => Self::find_number(taxonomy, number).ok_or(EXPECTED_NUMBER),
            Cell::Decimal { number, scale } => {
                Self::find_decimal(taxonomy, number, scale).ok_or(EXPECTED_NUMBER)
            }
            _ => Err(UNEXPECTED_CELL),
        }
    }
}

const EXPECTED_NUMBER: &str = "expected 0 to 9999";
const EXPECTED_MCC: &str = "expected an MCC, 0 to 9999";

/// Reads a number or, since codes have leading zeros, a string of up to four digits.
struct MccVisitor<'a>(&'a Taxonomy);

impl Visitor<'_> for MccVisitor<'_> {
    type Value = ClassByMcc;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("an MCC, 0 to 9999")
    }

    fn visit_u64<E: de::Error>(self, code: u64) -> Result<ClassByMcc, E> {
        ClassByMcc::find_whole_number(self.0, code).ok_or_else(|| E::custom(EXPECTED_MCC))
    }

    fn visit_f64<E: de::Error>(self, code: f64) -> Result<ClassByMcc, E> {
        ClassByMcc::find_number(self.0, code).ok_or_else(|| E::custom(EXPECTED_MCC))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<ClassByMcc, E> {
        ClassByMcc::find_text(self.0, text)
            .ok_or_else(|| E::custom("expected an MCC of up to four digits"))
    }

    fn visit_unit<E: de::Error>(self) -> Result<ClassByMcc, E> {
        Ok(ClassByMcc::ABSENT)
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
            "pattern": MCC_PATTERN,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::currency::MixedCurrencies;
    use crate::time_zone::TimeZone;

    fn taxonomy() -> Taxonomy {
        let rows = "class,title,group,mcc,source\nvets,Vets,home,0742,\npubs,Pubs,food,5812,\n";
        Taxonomy::from_csv(rows).unwrap()
    }

    fn context(taxonomy: &Taxonomy) -> ReadContext<'_> {
        ReadContext {
            taxonomy,
            zone: &TimeZone::UTC,
            unknown_class: UnknownClass::Refuse,
            mixed_currencies: MixedCurrencies::Refuse,
        }
    }

    fn in_cell(cell: Cell<'_>) -> Result<ClassReference, &'static str> {
        ClassByMcc::from_cell(cell, context(&taxonomy())).map(|mcc| mcc.class)
    }

    fn in_json(json: &str) -> Option<ClassReference> {
        let value: Value = serde_json::from_str(json).unwrap();
        let read = ClassByMcc::from_json(value, context(&taxonomy()));
        read.ok().map(|mcc| mcc.class)
    }

    fn known(code: u16) -> ClassReference {
        ClassReference::Known(taxonomy().booking_of_mcc(code).unwrap())
    }

    #[test]
    fn code_is_read_from_cells_of_any_type() {
        for text in ["5812", "5812.0", "5812.00"] {
            assert_eq!(in_cell(Cell::Text(text)), Ok(known(5812)), "{text}");
        }
        for text in ["742", "0742", "742.0"] {
            assert_eq!(in_cell(Cell::Text(text)), Ok(known(742)), "{text}");
        }
        let decimal = |number, scale| Cell::Decimal { number, scale };
        for cell in [
            Cell::Integer(5812),
            Cell::Number(5812.0),
            decimal(5812, 0),
            decimal(581_200, 2),
            Cell::Text("5812"),
        ] {
            assert_eq!(in_cell(cell), Ok(known(5812)), "{cell:?}");
        }
        for cell in [Cell::Integer(0), Cell::Text("0000"), Cell::Number(9999.0)] {
            assert_eq!(in_cell(cell), Ok(ClassReference::Unknown), "{cell:?}");
        }
    }

    #[test]
    fn cell_without_a_value_is_no_code() {
        for text in [
            "", "NaN", "nan", "NULL", "null", "N/A", "NA", "None", "\\N", "<NA>",
        ] {
            assert_eq!(
                in_cell(Cell::Text(text)),
                Ok(ClassReference::Absent),
                "{text}"
            );
        }
        assert_eq!(in_cell(Cell::Number(f64::NAN)), Ok(ClassReference::Absent));
    }

    #[test]
    fn other_cells_are_refused_and_never_rounded() {
        let decimal = |number, scale| Cell::Decimal { number, scale };
        for cell in [
            Cell::Text("05812"),
            Cell::Text("58125"),
            Cell::Text("5812,0"),
            Cell::Text("5812.5"),
            Cell::Text("5812."),
            Cell::Text("-742"),
            Cell::Text("+742"),
            Cell::Text("MCC 5812"),
            Cell::Text("es_transportation"),
            Cell::Integer(10_000),
            Cell::Integer(-1),
            Cell::Number(5812.5),
            Cell::Number(-742.0),
            Cell::Number(10_000.0),
            Cell::Number(f64::INFINITY),
            decimal(58_125, 1),
            decimal(5_812, -1),
            decimal(i128::MAX, -38),
            Cell::Instant(742),
        ] {
            assert!(in_cell(cell).is_err(), "{cell:?}");
        }
    }

    #[test]
    fn code_in_json_is_read_as_the_same_cell() {
        for json in [
            "742",
            "742.0",
            "7.42e2",
            r#""742""#,
            r#""0742""#,
            r#""742.0""#,
        ] {
            assert_eq!(in_json(json), Some(known(742)), "{json}");
        }
        for json in ["null", r#""""#, r#""NaN""#, r#""N/A""#] {
            assert_eq!(in_json(json), Some(ClassReference::Absent), "{json}");
        }
        for json in [
            "-1",
            "10000",
            "742.5",
            "true",
            r#""07420""#,
            "[742]",
            r#"" 742""#,
        ] {
            assert_eq!(in_json(json), None, "{json}");
        }
    }

    #[test]
    fn class_cell_without_a_value_is_no_class_unless_the_taxonomy_has_it() {
        let rows = "class,title,group,mcc,source\nnone,None,home,,\n";
        let taxonomy = Taxonomy::from_csv(rows).unwrap();
        let read = |text| ClassByName::from_cell(Cell::Text(text), context(&taxonomy));
        let none = ClassReference::Known(taxonomy.booking_of_class("none").unwrap());
        assert_eq!(read("none"), Ok(ClassByName(none)));
        assert_eq!(read("NULL"), Ok(ClassByName(ClassReference::Absent)));
        assert_eq!(read("moon"), Ok(ClassByName(ClassReference::Unknown)));
    }
}
