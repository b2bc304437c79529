//! Columns of a record batch, converted from any supported type to the few types that are read.

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Float64Type, TimestampMicrosecondType};
use arrow_array::{
    Array, ArrayRef, Decimal128Array, Float64Array, LargeStringArray, RecordBatch,
    TimestampMicrosecondArray,
};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType, TimeUnit};

use microseg_history::{Cell, CellKind, Field, ReadContext, TransactionFields};

use crate::columns::ColumnNames;
use crate::error::BulkError;

/// The content of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ColumnKind {
    Customer,
    Field(Field),
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

/// A column of the table, which has the missing values, and its conversion.
struct Column<A> {
    original: ArrayRef,
    converted: A,
}

impl Column<LargeStringArray> {
    fn text(values: &ArrayRef) -> Result<Self, ArrowError> {
        Ok(Self {
            original: values.clone(),
            converted: cast(values, &DataType::LargeUtf8)?.as_string().clone(),
        })
    }
}

impl<A: Array> Column<A> {
    /// Whether a row has a value; a value that the conversion could not represent is an error.
    fn has(&self, row: usize, what: &str) -> Result<bool, String> {
        if self.original.is_null(row) {
            Ok(false)
        } else if self.converted.is_null(row) {
            Err(format!("the {what} cannot be read"))
        } else {
            Ok(true)
        }
    }
}

/// The cells of a column.
enum Cells {
    Text(Column<LargeStringArray>),
    Instant(Column<TimestampMicrosecondArray>),
    Decimal(Column<Decimal128Array>),
    Number(Column<Float64Array>),
    Integer(Column<Decimal128Array>),
}

impl Cells {
    fn of(values: &ArrayRef) -> Result<Self, ArrowError> {
        let convert = |to| cast(values, &to);
        let original = values.clone();
        Ok(match plain(values.data_type()) {
            found @ (DataType::Timestamp(..) | DataType::Date32 | DataType::Date64) => {
                let zone = match found {
                    DataType::Timestamp(_, zone) => zone.clone(),
                    _ => None,
                };
                let converted = convert(DataType::Timestamp(TimeUnit::Microsecond, zone))?;
                let converted = converted.as_primitive::<TimestampMicrosecondType>().clone();
                Self::Instant(Column {
                    original,
                    converted,
                })
            }
            DataType::Float64 => {
                let converted = convert(DataType::Float64)?;
                let converted = converted.as_primitive::<Float64Type>().clone();
                Self::Number(Column {
                    original,
                    converted,
                })
            }
            DataType::Decimal32(_, scale)
            | DataType::Decimal64(_, scale)
            | DataType::Decimal128(_, scale)
            | DataType::Decimal256(_, scale) => {
                let converted = convert(DataType::Decimal128(38, *scale))?;
                let converted = converted.as_primitive::<Decimal128Type>().clone();
                Self::Decimal(Column {
                    original,
                    converted,
                })
            }
            found if found.is_integer() => {
                let converted = convert(DataType::Decimal128(38, 0))?;
                let converted = converted.as_primitive::<Decimal128Type>().clone();
                Self::Integer(Column {
                    original,
                    converted,
                })
            }
            // 32-bit floats too: as text they are the original decimals, 12.3 and not 12.300000190734863.
            _ => Self::Text(Column::text(values)?),
        })
    }

    /// The cell of a row; `None` where it is missing.
    fn get(&self, row: usize, label: &str) -> Result<Option<Cell<'_>>, String> {
        let has = match self {
            Self::Text(column) => column.has(row, label),
            Self::Instant(column) => column.has(row, label),
            Self::Number(column) => column.has(row, label),
            Self::Decimal(column) | Self::Integer(column) => column.has(row, label),
        };
        Ok(has?.then(|| match self {
            Self::Text(column) => Cell::Text(column.converted.value(row).trim()),
            Self::Instant(column) => Cell::Instant(column.converted.value(row)),
            Self::Number(column) => Cell::Number(column.converted.value(row)),
            Self::Decimal(column) => Cell::Decimal {
                number: column.converted.value(row),
                scale: column.converted.scale(),
            },
            Self::Integer(column) => Cell::Integer(column.converted.value(row)),
        }))
    }
}

/// The needed columns of some rows.
pub(super) struct Rows {
    customers: Column<LargeStringArray>,
    fields: Vec<(Field, Cells)>,
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
                Some(values) => Cells::of(values),
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
        let name = match self.customers.has(row, "customer") {
            Ok(true) => self.customers.converted.value(row).as_bytes(),
            _ => return None,
        };
        Some(name).filter(|name| !name.is_empty())
    }

    /// The fields of the row's transaction, or the fault in one of them.
    pub(super) fn transaction(
        &self,
        row: usize,
        context: ReadContext<'_>,
    ) -> Result<TransactionFields, String> {
        let mut fields = TransactionFields::default();
        for (field, cells) in &self.fields {
            let label = field.label();
            match cells.get(row, label)? {
                Some(Cell::Text("")) if !field.is_required() => {}
                Some(cell) => fields
                    .read_cell(*field, cell, context)
                    .map_err(|fault| format!("the {label}: {fault}"))?,
                None if field.is_required() => return Err(format!("the {label} is missing")),
                None => {}
            }
        }
        Ok(fields)
    }
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
