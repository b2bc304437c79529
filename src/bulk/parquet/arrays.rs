//! Columns of whatever type a table has, brought into the few that are read.

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Float64Type, TimestampMicrosecondType};
use arrow_array::{
    Array, ArrayRef, Decimal128Array, Float64Array, LargeStringArray, RecordBatch,
    TimestampMicrosecondArray,
};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType, TimeUnit};

use crate::{BulkError, ColumnNames};
use microseg_history::{Cell, CellKind, Field, ReadContext, TransactionFields};

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Customer,
    Field(Field),
}

impl Kind {
    /// Whether a column of this type can be for that.
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

    /// The types that would do.
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

/// Older writers leave it open whether bytes are text.
fn is_text(found: &DataType) -> bool {
    found.is_string() || found.is_binary()
}

/// A column as it came, which knows what is missing, and as it is read.
struct Column<A> {
    came: ArrayRef,
    read: A,
}

impl Column<LargeStringArray> {
    fn text(values: &ArrayRef) -> Result<Self, ArrowError> {
        Ok(Self {
            came: values.clone(),
            read: cast(values, &DataType::LargeUtf8)?.as_string().clone(),
        })
    }
}

impl<A: Array> Column<A> {
    /// Whether a row has a value; a value that its new type cannot hold is a fault.
    fn has(&self, row: usize, what: &str) -> Result<bool, String> {
        if self.came.is_null(row) {
            Ok(false)
        } else if self.read.is_null(row) {
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
        let read = |to| cast(values, &to);
        let came = values.clone();
        Ok(match plain(values.data_type()) {
            found @ (DataType::Timestamp(..) | DataType::Date32 | DataType::Date64) => {
                let zone = match found {
                    DataType::Timestamp(_, zone) => zone.clone(),
                    _ => None,
                };
                let read = read(DataType::Timestamp(TimeUnit::Microsecond, zone))?;
                let read = read.as_primitive::<TimestampMicrosecondType>().clone();
                Self::Instant(Column { came, read })
            }
            DataType::Float64 => {
                let read = read(DataType::Float64)?;
                let read = read.as_primitive::<Float64Type>().clone();
                Self::Number(Column { came, read })
            }
            DataType::Decimal32(_, scale)
            | DataType::Decimal64(_, scale)
            | DataType::Decimal128(_, scale)
            | DataType::Decimal256(_, scale) => {
                let read = read(DataType::Decimal128(38, *scale))?;
                let read = read.as_primitive::<Decimal128Type>().clone();
                Self::Decimal(Column { came, read })
            }
            found if found.is_integer() => {
                let read = read(DataType::Decimal128(38, 0))?;
                let read = read.as_primitive::<Decimal128Type>().clone();
                Self::Integer(Column { came, read })
            }
            // Shorter floats too: as text they are the decimals that were meant, 12.3 and no 12.300000190734863.
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
            Self::Text(column) => Cell::Text(column.read.value(row).trim()),
            Self::Instant(column) => Cell::Instant(column.read.value(row)),
            Self::Number(column) => Cell::Number(column.read.value(row)),
            Self::Decimal(column) => Cell::Decimal {
                number: column.read.value(row),
                scale: column.read.scale(),
            },
            Self::Integer(column) => Cell::Integer(column.read.value(row)),
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
            .map_err(|source| unread(input, &names.customer, source))?;
        let mut fields = Vec::new();
        for (field, name) in &names.fields {
            let cells = match batch.column_by_name(name) {
                Some(values) => Cells::of(values),
                None if field.is_required() => Err(missing()),
                None => continue,
            };
            let cells = cells.map_err(|source| unread(input, name, source))?;
            fields.push((*field, cells));
        }
        Ok(Self { customers, fields })
    }

    /// The row's customer; `None` where it is missing, or empty, or no text.
    pub(super) fn customer(&self, row: usize) -> Option<&[u8]> {
        let name = match self.customers.has(row, "customer") {
            Ok(true) => self.customers.read.value(row).as_bytes(),
            _ => return None,
        };
        Some(name).filter(|name| !name.is_empty())
    }

    /// The values of the row, or what is wrong with one.
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

/// The type of the values, also where a dictionary holds them.
fn plain(found: &DataType) -> &DataType {
    match found {
        DataType::Dictionary(_, values) => values,
        found => found,
    }
}

fn unread(input: &str, column: &str, source: ArrowError) -> BulkError {
    BulkError::Cast {
        input: input.to_owned(),
        column: column.to_owned(),
        source,
    }
}
