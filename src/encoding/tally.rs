//! Tally of a history whose transactions come one by one, as from the rows of a table.

use super::book::Book;
use super::close::{Framing, States};
use super::encoder::{Encoder, Purpose};
use super::history::History;
use microseg_history::{
    AnotherCurrency, DeclaredFields, DeclaredValues, Encountered, Field, HistoryError,
    HistorySettings, Identifier, NoSuchClass, ReadContext, TooManyTransactions, TransactionFields,
    UnknownClass,
};

/// Why a transaction was not added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransactionError {
    /// The taxonomy lacks its class.
    #[error(transparent)]
    NoSuchClass(#[from] NoSuchClass),
    /// Its currency is another one than before.
    #[error(transparent)]
    AnotherCurrency(#[from] AnotherCurrency),
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
    book: Book,
    settings: &'encoder HistorySettings,
    encountered: Encountered,
    transactions: usize,
    /// Whether the history keeps its transactions, to be explained.
    keeps_transactions: bool,
}

impl Encoder {
    /// Begins a history whose transactions come one by one; those at `as_of` and later are out of its window.
    #[must_use]
    pub fn tally<'a>(&'a self, settings: &'a HistorySettings) -> Tally<'a> {
        Tally {
            encoder: self,
            book: self.book(&settings.times),
            settings,
            encountered: Encountered::of_history(settings.currency),
            transactions: 0,
            keeps_transactions: false,
        }
    }

    /// As [`Encoder::tally`], for a history to be explained: one that keeps what it is encoded from.
    #[must_use]
    pub fn tally_to_explain<'a>(&'a self, settings: &'a HistorySettings) -> Tally<'a> {
        let purpose = Purpose::Explaining;
        let tally = self.tally(settings);
        if !self.needs_details(purpose) {
            return tally;
        }
        Tally {
            book: Book::Journal(self.journal(&settings.times, purpose)),
            keeps_transactions: true,
            ..tally
        }
    }
}

impl Tally<'_> {
    /// The context that the values of its transactions are read in.
    #[must_use]
    pub fn context(&self) -> ReadContext<'_> {
        ReadContext {
            taxonomy: self.encoder.taxonomy(),
            zone: &self.settings.times.zone,
            unknown_class: self.settings.unknown_class,
            mixed_currencies: self.settings.mixed_currencies,
        }
    }

    /// Adds a transaction, by the rules that hold for one in JSON.
    ///
    /// # Errors
    /// [`TransactionError`]; nothing was added then.
    pub fn add(&mut self, fields: TransactionFields) -> Result<(), TransactionError> {
        self.add_with_details(fields, None, DeclaredValues::default())
    }

    /// Whether ids, codes and values of declared fields are kept.
    #[must_use]
    pub fn keeps_details(&self) -> bool {
        self.book.keeps_details()
    }

    /// The declared fields whose values [`Tally::add_with_details`] takes.
    #[must_use]
    pub fn declared_fields(&self) -> &DeclaredFields {
        self.encoder.declaration().fields()
    }

    /// As [`Tally::add`], with the transaction's id and the values of the declared fields, where the model reads them
    /// ([`Encoder::detail_fields`]).
    ///
    /// # Errors
    /// [`TransactionError`]; nothing was added then.
    pub fn add_with_details(
        &mut self,
        fields: TransactionFields,
        id: Option<Identifier>,
        values: DeclaredValues,
    ) -> Result<(), TransactionError> {
        let limit = self.encoder.limits().transactions;
        if self.transactions >= limit {
            return Err(TooManyTransactions(limit).into());
        }
        let mut encountered = self.encountered;
        encountered.add_currency(&fields, self.context())?;
        let details = self
            .book
            .keeps_details()
            .then(|| fields.details(id, values));
        let (transaction, no_such_class) = fields.check().map_err(TransactionError::Missing)?;
        if let Some(no_such_class) = no_such_class
            && self.settings.unknown_class == UnknownClass::Refuse
        {
            return Err(no_such_class.into());
        }
        self.encountered = encountered;
        self.transactions += 1;
        self.book.add(transaction, details);
        Ok(())
    }

    /// The history, for a customer of this name.
    ///
    /// # Errors
    /// [`HistoryError::Invalid`] when there was no spending inside the window (of events: no event), or a value that the
    /// network cannot read. Its pointer counts the transactions from 0, in the order in which they were added.
    pub fn finish(self, customer_id: Option<Identifier>) -> Result<History, HistoryError> {
        let currencies = self.encountered.currencies;
        let times = &self.settings.times;
        let currencies = (currencies, self.settings.mixed_currencies);
        let framing = Framing {
            keeps_transactions: self.keeps_transactions,
            ..self.encoder.framing(times, customer_id, currencies)
        };
        framing.close(self.book, States::default())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::PeriodKind;
    use microseg_history::{
        Cell, Limits, MixedCurrencies, Moment, Taxonomy, TimeSettings, TimeZone,
    };

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
        let settings = HistorySettings {
            times: TimeSettings {
                as_of: Some(as_of),
                zone: TimeZone::UTC,
            },
            unknown_class: UnknownClass::Count,
            ..HistorySettings::default()
        };
        let mut tally = encoder.tally(&settings);
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
        let settings = HistorySettings::default();
        let mut tally = encoder.tally(&settings);
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
        assert_eq!(refused, NoSuchClass.into());
        let currency = |name| (Field::Currency, Cell::Text(name));
        assert_eq!(add(&[currency("EUR")]), Ok(()));
        assert_eq!(add(&[currency("JPY")]), Err(AnotherCurrency.into()));
        assert_eq!(add(&[currency("eur")]), Ok(()));
        assert_eq!(add(&[(Field::Mcc, Cell::Integer(9_999))]), Ok(()));
        let without_amount = TransactionFields::default();
        assert_eq!(
            tally.add(without_amount),
            Err(TransactionError::Missing(Field::Timestamp))
        );
        assert!(tally.finish(None).is_err());
    }

    #[test]
    fn clock_times_of_tables_are_those_of_json_in_the_zone() {
        let encoder = encoder();
        let zone = "America/New_York";
        let settings = HistorySettings {
            times: TimeSettings {
                as_of: None,
                zone: TimeZone::parse(zone).unwrap(),
            },
            mixed_currencies: MixedCurrencies::Add,
            ..HistorySettings::default()
        };
        let mut tally = encoder.tally(&settings);
        // 23:30 on the wall, midnight in UTC, and a date.
        for (cell, currency) in [
            (Cell::ClockTime(1_551_483_000_000_000), "USD"),
            (Cell::Instant(1_551_398_400_000_000), "EUR"),
            (Cell::Text("2019-03-31 23:59:59.5"), ""),
            (Cell::ClockTime(1_554_076_800_000_000), "USD"),
        ] {
            let cells = [
                (Field::Timestamp, cell),
                (Field::Amount, Cell::Integer(-1)),
                (Field::Class, Cell::Text("rent")),
                (Field::Currency, Cell::Text(currency)),
            ];
            add(&mut tally, &cells).unwrap();
        }
        let found = tally.finish(None).unwrap();
        let document = br#"{"transactions": [
            {"timestamp": "2019-03-01 23:30", "amount": -1, "class": "rent", "currency": "USD"},
            {"timestamp": "2019-03-01T00:00:00Z", "amount": -1, "class": "rent", "currency": "EUR"},
            {"timestamp": "2019-03-31T23:59:59.500", "amount": -1, "class": "rent", "currency": ""},
            {"timestamp": "2019-04-01", "amount": -1, "class": "rent", "currency": "usd"}],
            "mixed_currencies": "add", "time_zone": "America/New_York"}"#;
        assert_eq!(Ok(&found), encoder.read(document).as_ref());
        let periods: Vec<String> = found
            .totals
            .periods()
            .map(|(period, _)| period.to_string())
            .collect();
        assert_eq!(periods, ["2019-02", "2019-03", "2019-04"]);
        assert_eq!(found.quality.warnings.len(), 1);
        assert_eq!(found.totals.time_zone().name(), Some(zone));
        let stored = found.totals.to_json(encoder.taxonomy()).unwrap();
        assert_eq!(encoder.restore(&stored).unwrap(), found.totals);
    }
}
