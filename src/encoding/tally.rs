//! Tally of a history whose transactions come one by one, as from the rows of a table.

use super::encoder::{Encoder, History};
use super::ledger::Ledger;
use microseg_history::{
    Field, HistoryError, Identifier, Moment, ReadContext, TooManyTransactions, TransactionFields,
    TransactionSink, Unclassified, UnknownClass,
};

/// Why a transaction was not added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransactionError {
    /// The taxonomy lacks its class, or it has neither class nor MCC.
    #[error(transparent)]
    Unclassified(#[from] Unclassified),
    /// A required field has no value.
    #[error("the {} is missing", .0.label())]
    Missing(Field),
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
    /// The context that the values of its transactions are read in.
    #[must_use]
    pub fn context(&self) -> ReadContext<'_> {
        ReadContext {
            taxonomy: self.encoder.taxonomy(),
            unknown_class: self.unknown_class,
        }
    }

    /// Adds a transaction, by the rules that hold for one in JSON.
    ///
    /// # Errors
    /// [`TransactionError`]; nothing was added then.
    pub fn add(&mut self, fields: TransactionFields) -> Result<(), TransactionError> {
        let limit = self.encoder.limits().transactions;
        if self.transactions >= limit {
            return Err(TooManyTransactions(limit).into());
        }
        let (transaction, unclassified) = fields.check().map_err(TransactionError::Missing)?;
        if let (Some(unclassified), UnknownClass::Refuse) = (unclassified, self.unknown_class) {
            return Err(unclassified.into());
        }
        self.transactions += 1;
        self.ledger.add(transaction);
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
    use crate::PeriodKind;
    use microseg_history::{Cell, Limits, Taxonomy};

    fn encoder() -> Encoder {
        let table = "class,title,group,mcc,a,source\nrent,Rent,home,6513,,\npay,Pay,income,,,\n";
        let taxonomy = Arc::new(Taxonomy::from_csv(table).unwrap());
        Encoder::new(taxonomy, PeriodKind::Month, 3, Limits { transactions: 5 })
    }

    fn add(tally: &mut Tally<'_>, cells: &[(Field, Cell<'_>)]) -> Result<(), TransactionError> {
        let mut fields = TransactionFields::default();
        for &(field, cell) in cells {
            fields.read_cell(field, cell, tally.context()).unwrap();
        }
        tally.add(fields)
    }

    #[test]
    fn cells_of_tables_give_the_history_of_the_same_json() {
        let encoder = encoder();
        let as_of = Moment::parse("2019-04-01").unwrap();
        let mut tally = encoder.tally(Some(as_of), UnknownClass::Count);
        for (timestamp, amount, labels) in [
            (
                "2019-03-01T10:00:00Z",
                -12.5,
                &[(Field::Class, Cell::Text("rent"))][..],
            ),
            ("2019-02-01", 0.125, &[(Field::Mcc, Cell::Integer(6513))]),
            ("2019-02-11", 900.0, &[(Field::Class, Cell::Text("pay"))]),
            ("2019-02-12", -1.0, &[(Field::Mcc, Cell::Text("1"))]),
            (
                "2019-04-01",
                -1.0,
                &[
                    (Field::Class, Cell::Text("nothing")),
                    (Field::Mcc, Cell::Text("6513")),
                ],
            ),
        ] {
            let mut cells = vec![
                (Field::Timestamp, Cell::Text(timestamp)),
                (Field::Amount, Cell::Number(amount)),
            ];
            cells.extend(labels);
            add(&mut tally, &cells).unwrap();
        }
        let one_more = add(&mut tally, &[]);
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
    fn row_that_json_would_not_accept_is_refused() {
        let encoder = encoder();
        let mut tally = encoder.tally(None, UnknownClass::Refuse);
        let mut add = |labels: &[(Field, Cell<'_>)]| {
            let moment = (Field::Timestamp, Cell::Instant(1_551_398_400_000_000));
            let amount = Cell::Decimal {
                number: 0,
                scale: 2,
            };
            add(
                &mut tally,
                &[&[moment, (Field::Amount, amount)], labels].concat(),
            )
        };
        let unknown = [
            (Field::Class, Cell::Text("nothing")),
            (Field::Mcc, Cell::Integer(6513)),
        ];
        let refused = add(&unknown).unwrap_err();
        assert_eq!(refused, Unclassified::UnknownClass.into());
        assert_eq!(add(&[]).unwrap_err(), Unclassified::Nameless.into());
        assert_eq!(add(&[(Field::Mcc, Cell::Integer(9_999))]), Ok(()));
        let without_amount = TransactionFields::default();
        assert_eq!(
            tally.add(without_amount),
            Err(TransactionError::Missing(Field::Timestamp))
        );
        assert!(tally.finish(None).is_err());
    }
}
