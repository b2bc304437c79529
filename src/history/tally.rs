//! A history handed over transaction by transaction, by a caller who has columns and not JSON.

use super::error::TooManyTransactions;
use super::ledger::Ledger;
use super::transaction::{NO_MCC, Named, Transaction, Unclassified, UnknownClass, booking};
use super::{Amount, Encoder, History, HistoryError, Identifier, Moment};

/// Why a transaction was not added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransactionError {
    /// The taxonomy lacks its class, or it has neither class nor MCC.
    #[error(transparent)]
    Unclassified(#[from] Unclassified),
    /// The MCC has more than four digits.
    #[error("{NO_MCC}")]
    Mcc,
    /// The history has as many as it may have.
    #[error(transparent)]
    TooMany(#[from] TooManyTransactions),
}

/// The transactions of one customer so far, in any order.
#[derive(Debug)]
pub struct Tally<'encoder> {
    encoder: &'encoder Encoder,
    ledger: Ledger,
    unknown_class: UnknownClass,
    transactions: usize,
}

impl Encoder {
    /// Begins a history whose transactions come one by one; those at `as_of` and later are out of its window.
    #[must_use]
    pub fn tally(&self, as_of: Option<Moment>, unknown_class: UnknownClass) -> Tally<'_> {
        Tally {
            encoder: self,
            ledger: self.ledger(as_of),
            unknown_class,
            transactions: 0,
        }
    }
}

impl Tally<'_> {
    /// Adds a transaction, by the rules that hold for one in JSON.
    ///
    /// # Errors
    /// [`TransactionError`]; nothing was added then.
    pub fn add(
        &mut self,
        moment: Moment,
        amount: Amount,
        class: Option<&str>,
        mcc: Option<u16>,
    ) -> Result<(), TransactionError> {
        let limit = self.encoder.limits().transactions;
        if self.transactions >= limit {
            return Err(TooManyTransactions(limit).into());
        }
        let taxonomy = self.encoder.taxonomy();
        let class = class.map_or(Named::Nothing, |name| Named::of_class(taxonomy, name));
        let mcc = match mcc {
            None => Named::Nothing,
            Some(code) if code <= 9999 => Named::of_mcc(taxonomy, code),
            Some(_) => return Err(TransactionError::Mcc),
        };
        let booking = match (booking(class, mcc), self.unknown_class) {
            (Ok(booking), _) => booking,
            (Err(_), UnknownClass::Count) => None,
            (Err(unclassified), UnknownClass::Refuse) => return Err(unclassified.into()),
        };
        self.transactions += 1;
        self.ledger.add(Transaction {
            moment,
            amount,
            booking,
        });
        Ok(())
    }

    /// The history, for a customer of this name.
    ///
    /// # Errors
    /// [`HistoryError::Invalid`] when there was no spending inside the window.
    pub fn finish(self, customer_id: Option<Identifier>) -> Result<History, HistoryError> {
        self.encoder.close(self.ledger, customer_id)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{Limits, PeriodKind, Taxonomy};

    fn encoder() -> Encoder {
        let table = "class,title,group,mcc,a,source\nrent,Rent,home,6513,,\npay,Pay,income,,,\n";
        let taxonomy = Arc::new(Taxonomy::from_csv(table).unwrap());
        Encoder::new(taxonomy, PeriodKind::Month, 3, Limits { transactions: 5 })
    }

    #[test]
    fn columns_give_the_history_that_json_gives() {
        let encoder = encoder();
        let as_of = Moment::parse("2019-04-01").unwrap();
        let mut tally = encoder.tally(Some(as_of), UnknownClass::Count);
        for (timestamp, amount, class, mcc) in [
            ("2019-03-01T10:00:00Z", -12.5, Some("rent"), None),
            ("2019-02-01", 0.125, None, Some(6513)),
            ("2019-02-11", 900.0, Some("pay"), None),
            ("2019-02-12", -1.0, None, Some(1)),
            ("2019-04-01", -1.0, Some("nothing"), Some(6513)),
        ] {
            let moment = Moment::parse(timestamp).unwrap();
            let amount = Amount::parse(amount).unwrap();
            tally.add(moment, amount, class, mcc).unwrap();
        }
        let moment = Moment::parse("2019-03-01").unwrap();
        let one_more = tally.add(moment, Amount::default(), Some("rent"), None);
        assert!(matches!(one_more, Err(TransactionError::TooMany(_))));
        let found = tally.finish(Some(Identifier::parse("c-1").unwrap()));
        let document = br#"{"customer_id": "c-1", "as_of": "2019-04-01", "unknown_class": "skip", "transactions": [
            {"timestamp": "2019-03-01T10:00:00Z", "amount": -12.5, "class": "rent"},
            {"timestamp": "2019-02-01", "amount": 0.125, "mcc": 6513},
            {"timestamp": "2019-02-11", "amount": 900, "class": "pay"},
            {"timestamp": "2019-02-12", "amount": -1, "mcc": 1},
            {"timestamp": "2019-04-01", "amount": -1, "class": "nothing", "mcc": "6513"}]}"#;
        assert_eq!(found, encoder.read(document));
    }

    #[test]
    fn what_json_may_not_say_columns_may_not_either() {
        let encoder = encoder();
        let mut tally = encoder.tally(None, UnknownClass::Refuse);
        let moment = Moment::parse("2019-03-01").unwrap();
        let mut add = |class, mcc| tally.add(moment, Amount::default(), class, mcc);
        let unknown = add(Some("nothing"), Some(6513)).unwrap_err();
        assert_eq!(unknown, Unclassified::UnknownClass.into());
        assert_eq!(add(None, None).unwrap_err(), Unclassified::Nameless.into());
        assert_eq!(add(None, Some(10_000)), Err(TransactionError::Mcc));
        assert_eq!(add(None, Some(9_999)), Ok(()));
        assert!(tally.finish(None).is_err());
    }
}
