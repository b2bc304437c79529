//! Encoder of histories: a customer's transactions become totals by period and class, and what the network reads.
//!
//! Only this crate encodes. An [`InputDeclaration`] says what a model reads. [`Encoder::read`] reads the bytes of a history
//! and gives a [`History`]: the exact totals of the window, the count of everything that is not in them, and the network's
//! [`Inputs`]. For models of shares, [`Totals::profile`] gives the same. A [`Reencoder`] encodes a history again without some
//! of its transactions. The server, the commands, the training data and the perturbations of an explanation all use it.

mod book;
mod calendar;
mod close;
mod continuation;
#[cfg(test)]
mod continuation_tests;
mod counts;
mod declaration;
mod encoder;
mod event;
mod event_resampling;
mod event_window;
#[cfg(test)]
mod events_tests;
mod history;
mod inputs;
mod journal;
mod kept_state;
mod kept_transactions;
mod ledger;
mod live;
mod milliseconds;
mod period;
mod profile;
mod quality;
mod reencoding;
mod resampling;
mod stored_history;
mod stored_totals;
mod tally;
mod totals;
mod transactions;
mod warnings;

pub use continuation::{CHECKPOINT_STEPS, Checkpoint, Continuation};
pub use declaration::{
    AllEvents, CategoryDocument, CategorySource, DeclarationError, DeclarationFault, EventWindow,
    EventWindowDocument, Fallback, FieldDocument, FieldType, FieldsDocument, Form,
    InputDeclaration, InputsDocument, NumberDocument, NumberField, NumberSource, SequenceDocument,
    Step, Transform, Window, WindowDocument,
};
pub use encoder::{Encoder, Tokens};
pub use event_resampling::EventResamples;
pub use history::History;
pub use inputs::Inputs;
pub use kept_transactions::{TransactionToKeep, TransactionsToKeep, kept_history};
pub use live::{Arrived, Closed, ClosedEvent, ClosedPeriod, LiveHistory};
pub use period::{Period, PeriodKind};
pub use profile::{Profile, write_shares};
pub use quality::Quality;
pub use reencoding::{Before, EventReencoder, PeriodReencoder, Reencoder, Transaction};
pub use stored_totals::RestoreError;
pub use tally::{Tally, TransactionError};
pub use totals::{PeriodSum, Totals};
