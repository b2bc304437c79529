//! Simulated transaction, as a bank would send it.

use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;
use jiff::tz::Offset;
use serde::ser::{Error as _, Serialize, SerializeStruct, Serializer};

static PRINTER: DateTimePrinter = DateTimePrinter::new();

/// The label of a transaction: what it was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label<'p> {
    /// The code of a card payment.
    Mcc(u16),
    /// The class of a transfer.
    Class(&'p str),
}

/// One booking.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SimulatedTransaction<'p> {
    pub(super) second: i64,
    pub(super) offset_hours: i8,
    pub(super) cents: i64,
    pub(super) label: Label<'p>,
}

impl<'p> SimulatedTransaction<'p> {
    /// When it was booked, in seconds since the start of 1970 in UTC.
    #[must_use]
    pub fn second(&self) -> i64 {
        self.second
    }

    /// The signed amount with two decimals: below zero is money out.
    #[must_use]
    pub fn amount(&self) -> f64 {
        #[expect(
            clippy::cast_precision_loss,
            reason = "amounts of a household, far below 2^53"
        )]
        let cents = self.cents as f64;
        cents / 100.0
    }

    /// The code of a card payment, `None` for a transfer.
    #[must_use]
    pub fn mcc(&self) -> Option<u16> {
        match self.label {
            Label::Mcc(code) => Some(code),
            Label::Class(_) => None,
        }
    }

    /// The class of a transfer, `None` for a card payment.
    #[must_use]
    pub fn class(&self) -> Option<&'p str> {
        match self.label {
            Label::Mcc(_) => None,
            Label::Class(class) => Some(class),
        }
    }
}

impl Serialize for SimulatedTransaction<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let timestamp = Timestamp::from_second(self.second).map_err(S::Error::custom)?;
        let timestamp = if self.offset_hours == 0 {
            PRINTER.timestamp_to_string(&timestamp)
        } else {
            let offset = Offset::from_hours(self.offset_hours).map_err(S::Error::custom)?;
            PRINTER.timestamp_with_offset_to_string(&timestamp, offset)
        };
        let mut transaction = serializer.serialize_struct("transaction", 3)?;
        transaction.serialize_field("timestamp", &timestamp)?;
        transaction.serialize_field("amount", &self.amount())?;
        match self.label {
            Label::Mcc(code) => transaction.serialize_field("mcc", &code)?,
            Label::Class(class) => transaction.serialize_field("class", class)?,
        }
        transaction.end()
    }
}
