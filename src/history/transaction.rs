//! Transactions as they are read: the values of their fields, checked together.

use super::amount::Amount;
use super::fields::{ClassReference, Field, TransactionFields};
use super::moment::Moment;
use super::taxonomy::Booking;
use super::unknown_class::Unclassified;

/// A checked transaction. Its `id` is checked and not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParsedTransaction {
    /// When it was booked.
    pub moment: Moment,
    /// How much, in the caller's currency; money out is negative.
    pub amount: Amount,
    /// What the taxonomy makes of it; `None` for one that falls into no class.
    pub booking: Option<Booking>,
}

impl TransactionFields {
    /// The transaction with these values, and why it has no class where it should have one. Such a transaction has no
    /// booking; [`super::UnknownClass`] decides whether it is refused.
    ///
    /// # Errors
    /// With a required field that has no value.
    #[inline]
    pub fn check(self) -> Result<(ParsedTransaction, Option<Unclassified>), Field> {
        let moment = self.timestamp.ok_or(Field::Timestamp)?;
        let amount = self.amount.ok_or(Field::Amount)?;
        let class = self.class.map_or(ClassReference::Absent, |class| class.0);
        let mcc = self.mcc.map_or(ClassReference::Absent, |mcc| mcc.0);
        let (booking, unclassified) = match ClassReference::booking(class, mcc) {
            Ok(booking) => (booking, None),
            Err(unclassified) => (None, Some(unclassified)),
        };
        let transaction = ParsedTransaction {
            moment,
            amount,
            booking,
        };
        Ok((transaction, unclassified))
    }
}
