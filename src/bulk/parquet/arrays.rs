//! Columns of whatever type a table has, brought into the few that are read.

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{
    Array, ArrayRef, Decimal128Array, Float64Array, Int64Array, LargeStringArray, RecordBatch,
    TimestampMicrosecondArray,
};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType, TimeUnit};

use crate::csv::{amount_of, mcc_of};
use crate::gathering::Transaction;
use crate::{BulkError, ColumnNames};
use microseg_history::{Amount, Moment};

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Customer,
    Timestamp,
    Amount,
    Class,
    Mcc,
}

impl Kind {
    /// Whether a column of this type can be for that.
    pub(super) fn takes(self, found: &DataType) -> bool {
        if let DataType::Dictionary(_, values) = found {
            return self.takes(values);
        }
        match self {
            Self::Customer => is_text(found) || found.is_integer(),
            Self::Timestamp => {
                is_text(found)
                    || matches!(
                        found,
                        DataType::Timestamp(..) | DataType::Date32 | DataType::Date64
                    )
            }
            Self::Amount => is_text(found) || found.is_numeric(),
            Self::Class => is_text(found) || found.is_null(),
            Self::Mcc => is_text(found) || found.is_integer() || found.is_null(),
        }
    }

    /// The types that would do.
    pub(super) fn expected(self) -> &'static str {
        match self {
            Self::Customer => "a string or an integer",
            Self::Timestamp => "a timestamp, a date or a string",
            Self::Amount => "a decimal, a float, an integer or a string",
            Self::Class => "a string",
            Self::Mcc => "an integer or a string",
        }
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

enum Timestamps {
    Instants(Column<TimestampMicrosecondArray>),
    Texts(Column<LargeStringArray>),
}

enum Amounts {
    Decimals(Column<Decimal128Array>),
    Numbers(Column<Float64Array>),
    Texts(Column<LargeStringArray>),
}

enum Codes {
    Numbers(Column<Int64Array>),
    Texts(Column<LargeStringArray>),
}

/// The needed columns of some rows.
pub(super) struct Rows {
    customers: Column<LargeStringArray>,
    timestamps: Timestamps,
    amounts: Amounts,
    classes: Option<Column<LargeStringArray>>,
    codes: Option<Codes>,
}

impl Rows {
    pub(super) fn of(
        batch: &RecordBatch,
        names: &ColumnNames,
        input: &str,
    ) -> Result<Self, BulkError> {
        let read = |name: &str, values: &ArrayRef, to: DataType| {
            cast(values, &to).map_err(|source| unread(input, name, source))
        };
        let text = |name: &str, values: &ArrayRef| {
            Ok::<_, BulkError>(Column {
                came: values.clone(),
                read: read(name, values, DataType::LargeUtf8)?.as_string().clone(),
            })
        };
        let needed = |name: &str| {
            let missing = || ArrowError::SchemaError("not there".to_owned());
            let values = batch.column_by_name(name);
            values.ok_or_else(|| unread(input, name, missing()))
        };

        let (name, values) = (&names.timestamp, needed(&names.timestamp)?);
        let timestamps = match plain(values.data_type()) {
            found if is_text(found) => Timestamps::Texts(text(name, values)?),
            found => {
                let zone = match found {
                    DataType::Timestamp(_, zone) => zone.clone(),
                    _ => None,
                };
                let to = DataType::Timestamp(TimeUnit::Microsecond, zone);
                Timestamps::Instants(Column {
                    came: values.clone(),
                    read: read(name, values, to)?
                        .as_primitive::<TimestampMicrosecondType>()
                        .clone(),
                })
            }
        };
        let (name, values) = (&names.amount, needed(&names.amount)?);
        let decimal = |to| {
            Ok::<_, BulkError>(Amounts::Decimals(Column {
                came: values.clone(),
                read: read(name, values, to)?
                    .as_primitive::<Decimal128Type>()
                    .clone(),
            }))
        };
        let amounts = match plain(values.data_type()) {
            DataType::Float64 => Amounts::Numbers(Column {
                came: values.clone(),
                read: read(name, values, DataType::Float64)?
                    .as_primitive::<Float64Type>()
                    .clone(),
            }),
            DataType::Decimal32(_, scale)
            | DataType::Decimal64(_, scale)
            | DataType::Decimal128(_, scale)
            | DataType::Decimal256(_, scale) => decimal(DataType::Decimal128(38, *scale))?,
            found if found.is_integer() => decimal(DataType::Decimal128(38, 0))?,
            // Shorter floats too: as text they are the decimals that were meant, 12.3 and no 12.300000190734863.
            _ => Amounts::Texts(text(name, values)?),
        };
        let codes = match batch.column_by_name(&names.mcc) {
            Some(values) if plain(values.data_type()).is_integer() => {
                Some(Codes::Numbers(Column {
                    came: values.clone(),
                    read: read(&names.mcc, values, DataType::Int64)?
                        .as_primitive::<Int64Type>()
                        .clone(),
                }))
            }
            Some(values) => Some(Codes::Texts(text(&names.mcc, values)?)),
            None => None,
        };
        Ok(Self {
            customers: text(&names.customer, needed(&names.customer)?)?,
            timestamps,
            amounts,
            classes: batch
                .column_by_name(&names.class)
                .map(|values| text(&names.class, values))
                .transpose()?,
            codes,
        })
    }

    /// The row's customer; `None` where it is missing, or empty, or no text.
    pub(super) fn customer(&self, row: usize) -> Option<&[u8]> {
        let name = match self.customers.has(row, "customer") {
            Ok(true) => self.customers.read.value(row).as_bytes(),
            _ => return None,
        };
        Some(name).filter(|name| !name.is_empty())
    }

    /// What the row says, or what is wrong with it.
    pub(super) fn transaction(&self, row: usize) -> Result<Transaction<'_>, String> {
        let moment = match &self.timestamps {
            Timestamps::Instants(instants) if instants.has(row, "timestamp")? => {
                Moment::from_unix_microseconds(instants.read.value(row))
            }
            Timestamps::Texts(texts) if texts.has(row, "timestamp")? => {
                Moment::parse(texts.read.value(row).trim())
            }
            _ => return Err("the timestamp is missing".to_owned()),
        };
        let amount = match &self.amounts {
            Amounts::Decimals(decimals) if decimals.has(row, "amount")? => {
                let amount = Amount::from_decimal(decimals.read.value(row), decimals.read.scale());
                amount.map_err(|fault| format!("the amount: {fault}"))?
            }
            Amounts::Numbers(numbers) if numbers.has(row, "amount")? => {
                let amount = Amount::parse(numbers.read.value(row));
                amount.map_err(|fault| format!("the amount: {fault}"))?
            }
            Amounts::Texts(texts) if texts.has(row, "amount")? => {
                amount_of(texts.read.value(row).trim())?
            }
            _ => return Err("the amount is missing".to_owned()),
        };
        Ok(Transaction {
            moment: moment.map_err(|fault| format!("the timestamp: {fault}"))?,
            amount,
            class: match &self.classes {
                Some(names) if names.has(row, "class")? => {
                    Some(names.read.value(row).trim()).filter(|name| !name.is_empty())
                }
                _ => None,
            },
            mcc: self.code(row)?,
        })
    }

    fn code(&self, row: usize) -> Result<Option<u16>, String> {
        match &self.codes {
            Some(Codes::Numbers(numbers)) if numbers.has(row, "MCC")? => {
                let code = u16::try_from(numbers.read.value(row)).ok();
                let code = code.filter(|&code| code <= 9999);
                code.map(Some)
                    .ok_or_else(|| "the MCC: expected 0 to 9999".to_owned())
            }
            Some(Codes::Texts(texts)) if texts.has(row, "MCC")? => {
                let text = texts.read.value(row).trim();
                (!text.is_empty()).then(|| mcc_of(text)).transpose()
            }
            _ => Ok(None),
        }
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
