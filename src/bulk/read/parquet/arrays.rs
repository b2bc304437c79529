//! Columns of a record batch, converted from any supported type to the few types that are read.

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Float64Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, Decimal128Array, Float64Array, Int64Array, LargeStringArray, RecordBatch,
};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType, TimeUnit};

use microseg_history::{Cell, CellKind};

use crate::columns::ColumnNames;
use crate::error::BulkError;
use crate::read::row::Row;
use crate::table_field::TableField;

/// The content of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ColumnKind {
    Customer,
    Field(TableField),
}

impl ColumnKind {
    /// Whether a column of this Arrow type can have this content.
    pub(super) fn takes(self, found: &DataType) -> bool {
        if let DataType::Dictionary(_, values) = found {
            return self.takes(values);
        }
        match self {
            Self::Customer => is_text(found) || found.is_integer(),
            Self::Field(field) => {
                (found.is_null() && !field.is_required())
                    || cell_kind(found).is_some_and(|kind| field.cells().contains(&kind))
            }
        }
    }

    /// The types that are read, for an error.
    pub(super) fn expected(self) -> String {
        let names: Vec<&str> = match self {
            Self::Customer => vec!["a string", "an integer"],
            Self::Field(field) => field
                .cells()
                .iter()
                .copied()
                .flat_map(type_names)
                .copied()
                .collect(),
        };
        match names.split_last() {
            Some((last, [])) => (*last).to_owned(),
            Some((last, others)) => format!("{} or {last}", others.join(", ")),
            None => String::new(),
        }
    }
}

/// The kind of cells that a column of this type has; `None` for one that no field is read from.
fn cell_kind(found: &DataType) -> Option<CellKind> {
    Some(match found {
        DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 => CellKind::Instant,
        found if is_text(found) => CellKind::Text,
        found if found.is_integer() => CellKind::Integer,
        found if found.is_floating() => CellKind::Number,
        found if found.is_numeric() => CellKind::Decimal,
        _ => return None,
    })
}

fn type_names(kind: CellKind) -> &'static [&'static str] {
    match kind {
        CellKind::Text => &["a string"],
        CellKind::Instant => &["a timestamp", "a date"],
        CellKind::Decimal => &["a decimal"],
        CellKind::Number => &["a float"],
        CellKind::Integer => &["an integer"],
    }
}

/// Bytes count as text: older writers do not mark text as such.
fn is_text(found: &DataType) -> bool {
    found.is_string() || found.is_binary()
}

/// A column of the table, converted, and which of its values are missing.
struct Column<A> {
    /// `None` when no value is missing.
    is_missing: Option<Vec<bool>>,
    converted: A,
}

impl Column<LargeStringArray> {
    fn text(values: &ArrayRef) -> Result<Self, ArrowError> {
        let converted = cast(values, &DataType::LargeUtf8)?.as_string().clone();
        Ok(Self::new(values, converted))
    }
}

impl<A: Array> Column<A> {
    fn new(values: &ArrayRef, converted: A) -> Self {
        // Also the values that a dictionary lacks.
        let nulls = values.logical_nulls();
        Self {
            is_missing: nulls.map(|nulls| nulls.iter().map(|is_valid| !is_valid).collect()),
            converted,
        }
    }

    /// Whether a row has a value; a value that the conversion could not represent is an error.
    fn has(&self, row: usize) -> Result<bool, &'static str> {
        let is_missing = self.is_missing.as_ref();
        if is_missing.is_some_and(|is_missing| is_missing[row]) {
            Ok(false)
        } else if self.converted.is_null(row) {
            Err("cannot be read")
        } else {
            Ok(true)
        }
    }
}

/// The cells of a column.
enum Cells {
    Text(Column<LargeStringArray>),
    Time(Column<Int64Array>, TimeScale),
    Decimal(Column<Decimal128Array>),
    Number(Column<Float64Array>),
    Integer(Column<Decimal128Array>),
    /// A column that has no value in any row.
    Missing,
}

/// The meaning of the numbers in a column of times.
#[derive(Debug, Clone, Copy)]
struct TimeScale {
    /// Microseconds of one unit; `None` where a unit is a nanosecond.
    microseconds: Option<i64>,
    /// Whether they are points in time, and not what clocks show somewhere.
    has_zone: bool,
}

impl TimeScale {
    /// The scale of a type; `None` for one that is no time.
    fn of(found: &DataType) -> Option<Self> {
        let (microseconds, has_zone) = match found {
            DataType::Timestamp(unit, zone) => {
                let microseconds = match unit {
                    TimeUnit::Second => Some(1_000_000),
                    TimeUnit::Millisecond => Some(1_000),
                    TimeUnit::Microsecond => Some(1),
                    TimeUnit::Nanosecond => None,
                };
                (microseconds, zone.is_some())
            }
            DataType::Date32 => (Some(86_400_000_000), false),
            DataType::Date64 => (Some(1_000), false),
            _ => return None,
        };
        Some(Self {
            microseconds,
            has_zone,
        })
    }

    /// A number beyond 64 bits becomes the last of them, whose year is out of range all the same.
    fn cell(self, number: i64) -> Cell<'static> {
        let microseconds = match self.microseconds {
            Some(factor) => number.saturating_mul(factor),
            None => number.div_euclid(1_000),
        };
        if self.has_zone {
            Cell::Instant(microseconds)
        } else {
            Cell::ClockTime(microseconds)
        }
    }
}

impl Cells {
    fn of(values: &ArrayRef, field: TableField) -> Result<Self, ArrowError> {
        let convert = |to| cast(values, &to);
        let found = plain(values.data_type());
        if let Some(scale) = TimeScale::of(found) {
            let numbers = convert(DataType::Int64)?;
            let numbers = numbers.as_primitive::<Int64Type>().clone();
            return Ok(Self::Time(Column::new(values, numbers), scale));
        }
        Ok(match found {
            DataType::Null => Self::Missing,
            found if is_binary_number(found, field) => {
                let converted = convert(DataType::Float64)?;
                let converted = converted.as_primitive::<Float64Type>().clone();
                Self::Number(Column::new(values, converted))
            }
            DataType::Decimal32(_, scale)
            | DataType::Decimal64(_, scale)
            | DataType::Decimal128(_, scale)
            | DataType::Decimal256(_, scale) => {
                let converted = convert(DataType::Decimal128(38, *scale))?;
                let converted = converted.as_primitive::<Decimal128Type>().clone();
                Self::Decimal(Column::new(values, converted))
            }
            found if found.is_integer() => {
                let converted = convert(DataType::Decimal128(38, 0))?;
                let converted = converted.as_primitive::<Decimal128Type>().clone();
                Self::Integer(Column::new(values, converted))
            }
            // Smaller floats too: as text they are the original decimals, 12.3 and not 12.300000190734863.
            _ => Self::Text(Column::text(values)?),
        })
    }

    /// The cell of a row; `None` where it is missing.
    fn get(&self, row: usize) -> Result<Option<Cell<'_>>, &'static str> {
        let has = match self {
            Self::Text(column) => column.has(row),
            Self::Time(column, _) => column.has(row),
            Self::Number(column) => column.has(row),
            Self::Decimal(column) | Self::Integer(column) => column.has(row),
            Self::Missing => Ok(false),
        };
        if !has? {
            return Ok(None);
        }
        Ok(match self {
            Self::Text(column) => Some(Cell::Text(column.converted.value(row))),
            Self::Time(column, scale) => Some(scale.cell(column.converted.value(row))),
            Self::Number(column) => Some(Cell::Number(column.converted.value(row))),
            Self::Decimal(column) => Some(Cell::Decimal {
                number: column.converted.value(row),
                scale: column.converted.scale(),
            }),
            Self::Integer(column) => Some(Cell::Integer(column.converted.value(row))),
            Self::Missing => None,
        })
    }
}

/// The needed columns of some rows.
pub(super) struct Rows {
    customers: Column<LargeStringArray>,
    fields: Vec<(TableField, Cells)>,
}

impl Rows {
    pub(super) fn of(
        batch: &RecordBatch,
        names: &ColumnNames,
        input: &str,
    ) -> Result<Self, BulkError> {
        let missing = || ArrowError::SchemaError("not there".to_owned());
        let customers = batch.column_by_name(&names.customer).ok_or_else(missing);
        let customers = customers
            .and_then(Column::text)
            .map_err(|source| cast_error(input, &names.customer, source))?;
        let mut fields = Vec::new();
        for (field, name) in &names.fields {
            let cells = match batch.column_by_name(name) {
                Some(values) => Cells::of(values, *field),
                None if field.is_required() => Err(missing()),
                None => continue,
            };
            let cells = cells.map_err(|source| cast_error(input, name, source))?;
            fields.push((*field, cells));
        }
        Ok(Self { customers, fields })
    }

    /// The row's customer; `None` where it is missing, empty or not text.
    pub(super) fn customer(&self, row: usize) -> Option<&[u8]> {
        let name = match self.customers.has(row) {
            Ok(true) => self.customers.converted.value(row).as_bytes(),
            _ => return None,
        };
        Some(name).filter(|name| !name.is_empty())
    }

    /// Reads the cells of the row with this number.
    ///
    /// # Errors
    /// With the fault in one of them.
    pub(super) fn read_into(&self, row: &mut Row<'_>, number: usize) -> Result<(), String> {
        for (field, cells) in &self.fields {
            let cell = cells.get(number).map(|cell| match cell {
                Some(Cell::Text(text)) if !field.keeps_space() => Some(Cell::Text(text.trim())),
                cell => cell,
            });
            let is_empty = cell == Ok(Some(Cell::Text(""))) && !field.is_required();
            row.read(*field, if is_empty { Ok(None) } else { cell })?;
        }
        Ok(())
    }
}

/// Whether a column is read as binary numbers.
fn is_binary_number(found: &DataType, field: TableField) -> bool {
    *found == DataType::Float64 || (found.is_floating() && field.is_name())
}

/// The type of the values, also of those in a dictionary.
fn plain(found: &DataType) -> &DataType {
    match found {
        DataType::Dictionary(_, values) => values,
        found => found,
    }
}

fn cast_error(input: &str, column: &str, source: ArrowError) -> BulkError {
    BulkError::Cast {
        input: input.to_owned(),
        column: column.to_owned(),
        source,
    }
}
