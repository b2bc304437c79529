//! Declaration of a transaction's fields: the one place that names them.

mod class_reference;
mod declare;
mod value;

use schemars::JsonSchema;
use serde::Deserializer;

use crate::amount::Amount;
use crate::cell::{Cell, CellKind};
use crate::currency::WrittenCurrency;
use crate::identifier::CheckedIdentifier;
use crate::moment::Moment;
use declare::declare_transaction_fields;
use value::FieldValue;

pub use class_reference::ClassReference;
pub(crate) use class_reference::{ClassByMcc, ClassByName};
pub use value::ReadContext;

declare_transaction_fields! {
    /// Your name for the transaction; it is checked and not kept.
    Id = id, "id": optional CheckedIdentifier;
    /// When it was booked: RFC 3339, a time without an offset, or a date. Those without an offset are in `time_zone`.
    Timestamp = timestamp, "timestamp": required Moment;
    /// How much, in your currency; money out is negative.
    Amount = amount, "amount": required Amount;
    /// The merchant category code (ISO 18245): a number, or a string of up to four digits. One that the taxonomy does not
    /// have is counted as unclassified, and so is a transaction without class and code.
    Mcc = mcc, "MCC": optional ClassByMcc;
    /// A class of the model's taxonomy, as `GET /v1/models/{name}` lists them.
    Class = class, "class": optional ClassByName;
    /// The currency of the amount, such as `EUR`. Transactions of several currencies are refused, unless
    /// `mixed_currencies` allows them. A value that is neither text nor a whole number is ignored.
    Currency = currency, "currency": optional WrittenCurrency;
}
