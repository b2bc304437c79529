//! The ground floor: a customer's transactions become totals, and totals become profiles. Only this room encodes.
//!
//! [`Encoder::read`] takes the bytes of a history and gives a [`History`]: the exact totals of the window and the
//! count of everything that is not in them. [`Totals::profile`] gives the network's input. The server, the
//! commands, the training data and the perturbations of an explanation all pass through here.

mod amount;
mod document;
mod encoder;
mod error;
mod identifier;
mod kept;
mod ledger;
mod live;
mod moment;
mod period;
mod plain;
mod profile;
mod quality;
mod rfc3339;
mod schema;
mod tally;
mod taxonomy;
mod totals;
mod transaction;
mod words;

pub use amount::Amount;
pub use encoder::{Encoder, History, Limits};
pub use error::{HistoryError, TooManyTransactions};
pub use identifier::Identifier;
pub use kept::RestoreError;
pub use live::{Arrived, ClosedPeriod, LiveHistory};
pub use moment::Moment;
pub use period::{Period, PeriodKind};
pub use profile::{Profile, write_shares};
pub use quality::Quality;
pub use schema::{HistorySchema, TransactionSchema};
pub use tally::{Tally, TransactionError};
pub use taxonomy::{Booking, Class, ClassIndex, INCOME_GROUP, Taxonomy, TaxonomyError};
pub use totals::{PeriodSum, Totals};
pub use transaction::{Unclassified, UnknownClass};
