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
mod ledger;
mod moment;
mod period;
mod profile;
mod quality;
mod rfc3339;
mod taxonomy;
mod totals;
mod transaction;

pub use encoder::{Encoder, History, Limits};
pub use error::HistoryError;
pub use identifier::Identifier;
pub use moment::Moment;
pub use period::{Period, PeriodKind};
pub use profile::{Profile, write_shares};
pub use quality::Quality;
pub use taxonomy::{Booking, Class, ClassIndex, INCOME_GROUP, Taxonomy, TaxonomyError};
pub use totals::{PeriodSum, Totals};
