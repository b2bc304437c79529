//! Contents of the transactions read so far that the settings of their history may refuse: unknown classes, currencies.

use super::currency::{AnotherCurrency, Currencies, Currency, MixedCurrencies};
use super::fields::{ReadContext, TransactionFields};

/// What was met while transactions were read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Encountered {
    /// Whether a transaction was counted that [`super::UnknownClass::Refuse`] would have refused.
    pub unknown_class: bool,
    /// The currencies of the transactions.
    pub currencies: Currencies,
}

impl Encountered {
    /// Of a history that has one currency as a whole, or none.
    #[must_use]
    pub fn of_history(currency: Option<Currency>) -> Self {
        let mut currencies = Currencies::default();
        // The first of all is never another one.
        let _: Result<(), AnotherCurrency> = currencies.add(currency, MixedCurrencies::Add);
        Self {
            unknown_class: false,
            currencies,
        }
    }

    /// Adds the currency of a transaction.
    ///
    /// # Errors
    /// [`AnotherCurrency`] when it is refused.
    pub fn add_currency(
        &mut self,
        fields: &TransactionFields,
        context: ReadContext<'_>,
    ) -> Result<(), AnotherCurrency> {
        let currency = fields.currency.and_then(|written| written.0);
        self.currencies.add(currency, context.mixed_currencies)
    }
}
