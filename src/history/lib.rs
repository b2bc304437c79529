//! Reader of customers' histories: JSON documents and rows of tables become checked transactions.
//!
//! [`TransactionFields`] declares the fields of a transaction once, for all readers. A [`HistoryReader`] reads the
//! document of a history and gives each [`ParsedTransaction`] to a [`TransactionSink`]. [`JsonReader`] is the
//! reference; [`DefaultReader`] reads the same and is what the service uses. What transactions mean for the network
//! is no subject of this crate.

mod amount;
mod cell;
mod digit_pattern;
mod document;
mod error;
// The folder `fast` can be deleted with this line: then `DefaultReader` is `JsonReader`.
mod fast;
mod fields;
mod identifier;
mod json;
mod limits;
mod moment;
mod reader;
mod rfc3339;
mod schema;
mod sink;
mod taxonomy;
mod transaction;
mod unknown_class;

pub use amount::Amount;
pub use cell::{Cell, CellKind};
pub use document::{DocumentRequest, DocumentSeed, DocumentSettings, ParsedDocument};
pub use error::{HistoryError, TooManyTransactions};
pub use fields::{Field, ReadContext, TransactionFields, TransactionSchema};
pub use identifier::Identifier;
pub use json::{JsonReader, read_transaction, read_transaction_id};
pub use limits::Limits;
pub use moment::Moment;
pub use reader::HistoryReader;
pub use schema::HistorySchema;
pub use sink::TransactionSink;
pub use taxonomy::{Booking, Class, ClassIndex, INCOME_GROUP, Taxonomy, TaxonomyError};
pub use transaction::ParsedTransaction;
pub use unknown_class::{Unclassified, UnknownClass};

/// The reader of the service.
pub type DefaultReader = fast::FastReader;
