//! Encoder of histories: a customer's transactions become totals by period and class, and totals become profiles.
//!
//! Only this crate encodes. [`Encoder::read`] reads the bytes of a history and gives a [`History`]: the exact totals of
//! the window and the count of everything that is not in them. [`Totals::profile`] gives the network's input. The
//! server, the commands, the training data and the perturbations of an explanation all use it.

mod calendar;
mod declaration;
mod encoder;
mod ledger;
mod live;
mod period;
mod profile;
mod quality;
mod stored_totals;
mod tally;
mod totals;
mod warnings;

pub use declaration::{
    CategoryDocument, CategorySource, DeclarationError, DeclarationFault, EventWindow,
    EventWindowDocument, Fallback, FieldDocument, FieldType, FieldsDocument, Form,
    InputDeclaration, InputsDocument, NumberDocument, NumberSource, SequenceDocument, Step,
    Transform, Window, WindowDocument,
};
pub use encoder::{Encoder, History};
pub use live::{Arrived, ClosedPeriod, LiveHistory};
pub use period::{Period, PeriodKind};
pub use profile::{Profile, write_shares};
pub use quality::Quality;
pub use stored_totals::RestoreError;
pub use tally::{Tally, TransactionError};
pub use totals::{PeriodSum, Totals};
