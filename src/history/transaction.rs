//! Transactions as they are read: the values of their fields, checked together.

use super::amount::Amount;
use super::fields::{ClassReference, Field, TransactionFields};
use super::moment::Moment;
use super::unknown_class::NoSuchClass;

/// A checked transaction. Its `id` is checked and not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParsedTransaction {
    /// When it was booked.
    pub moment: Moment,
    /// How much, in the caller's currency; money out is negative.
    pub amount: Amount,
    /// What the taxonomy makes of its class, or else of its MCC.
    pub class: ClassReference,
}

impl TransactionFields {
    /// The transaction with these values, and an error beside it when the taxonomy does not have its class:
    /// [`super::UnknownClass`] decides whether it is refused.
    ///
    /// # Errors
    /// With a required field that has no value.
    #[inline]
    pub fn check(self) -> Result<(ParsedTransaction, Option<NoSuchClass>), Field> {
        let moment = self.timestamp.ok_or(Field::Timestamp)?;
        let amount = self.amount.ok_or(Field::Amount)?;
        let class = self.class.map_or(ClassReference::Absent, |class| class.0);
        let mcc = self.mcc.map_or(ClassReference::Absent, |mcc| mcc.class);
        let is_unknown = class == ClassReference::Unknown;
        let transaction = ParsedTransaction {
            moment,
            amount,
            class: class.or(mcc),
        };
        Ok((transaction, is_unknown.then_some(NoSuchClass)))
    }
}
