//! Reader of customers' histories: JSON documents and rows of tables become checked transactions.
//!
//! [`TransactionFields`] declares the fields of a transaction once, for all readers. A [`HistoryReader`] reads the
//! document of a history and gives each [`ParsedTransaction`] to a [`TransactionSink`]. [`JsonReader`] is the
//! reference; [`DefaultReader`] reads the same and is what the service uses. What transactions mean for the network
//! is no subject of this crate.

mod amount;
mod cell;
mod currency;
mod declared;
mod declared_value;
mod details;
mod digit_pattern;
mod document;
mod encountered;
mod error;
// The folder `fast` can be deleted with this line: then `DefaultReader` is `JsonReader`.
mod fast;
mod fields;
mod identifier;
mod json;
mod limits;
mod mcc;
mod missing;
mod moment;
mod reader;
mod saved;
mod schema;
mod settings;
mod sink;
mod taxonomy;
mod time_zone;
mod transaction;
mod unknown_class;
mod whole_number;
mod written_time;

pub use amount::Amount;
pub use cell::{Cell, CellKind};
pub use currency::{AnotherCurrency, Currencies, Currency, MixedCurrencies};
pub use declared::{DeclaredFieldError, DeclaredFields, FieldKind};
pub use declared_value::{DeclaredValue, DeclaredValues};
pub use details::Details;
pub use document::{DocumentRequest, DocumentSeed, ParsedDocument};
pub use encountered::Encountered;
pub use error::{HistoryError, TooManyTransactions};
pub use fields::{ClassReference, Field, ReadContext, TransactionFields, TransactionSchema};
pub use identifier::Identifier;
pub use json::{JsonReader, read_detailed_transaction, read_transaction, read_transaction_id};
pub use limits::Limits;
pub use mcc::Mcc;
pub use missing::is_missing;
pub use moment::Moment;
pub use reader::HistoryReader;
pub use saved::{SavedAmount, SavedMoment, SavedTransaction};
pub use schema::{HistorySchema, TransactionsSchema};
pub use settings::{HistorySettings, TimeSettings};
pub use sink::TransactionSink;
pub use taxonomy::{
    Booking, Class, ClassIndex, INCOME_GROUP, IncomeIndex, Taxonomy, TaxonomyError,
};
pub use time_zone::TimeZone;
pub use transaction::ParsedTransaction;
pub use unknown_class::{NoSuchClass, UnknownClass};
pub use written_time::WrittenTime;

/// The reader of the service.
pub type DefaultReader = fast::FastReader;
