//! Encoder of one model: from the bytes of a history to totals.

use std::sync::Arc;

use serde::de::{DeserializeOwned, IgnoredAny};

use super::calendar::Calendar;
use super::ledger::{Closed, Ledger};
use super::period::PeriodKind;
use super::quality::Quality;
use super::totals::Totals;
use super::warnings::{reason_of_no_spending, warnings};
use microseg_history::{
    Currencies, DefaultReader, DocumentRequest, HistoryError, HistoryReader, Identifier, Limits,
    Taxonomy, TimeSettings,
};

/// A customer's history as the network reads it.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// The caller's identifier of the customer, if one was given.
    pub customer_id: Option<Identifier>,
    /// Spending in the window; never empty.
    pub totals: Totals,
    /// What became of every transaction.
    pub quality: Quality,
}

/// Turns histories into totals for one model: its taxonomy, its periods, its window.
#[derive(Debug, Clone)]
pub struct Encoder {
    taxonomy: Arc<Taxonomy>,
    period: PeriodKind,
    window: usize,
    limits: Limits,
}

impl Encoder {
    /// An encoder for the last `window` periods; a window of zero is taken as one.
    #[must_use]
    pub fn new(taxonomy: Arc<Taxonomy>, period: PeriodKind, window: usize, limits: Limits) -> Self {
        Self {
            taxonomy,
            period,
            window: window.max(1),
            limits,
        }
    }

    /// The classes of the model.
    #[must_use]
    pub fn taxonomy(&self) -> &Taxonomy {
        &self.taxonomy
    }

    /// How long one period is.
    #[must_use]
    pub fn period(&self) -> PeriodKind {
        self.period
    }

    /// How much one history may hold.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Reads one history, as JSON.
    ///
    /// # Errors
    /// [`HistoryError`] with a JSON Pointer to the first fault.
    pub fn read(&self, bytes: &[u8]) -> Result<History, HistoryError> {
        self.read_by(&DefaultReader::default(), bytes)
    }

    /// As [`Encoder::read`], by a reader of the caller's.
    ///
    /// # Errors
    /// [`HistoryError`] with a JSON Pointer to the first fault.
    pub fn read_by(
        &self,
        reader: &impl HistoryReader,
        bytes: &[u8],
    ) -> Result<History, HistoryError> {
        self.read_document::<IgnoredAny>(reader, bytes, None)
            .map(|(history, _)| history)
    }

    /// Reads one history that carries a further member, such as `explain`; `None` where it is absent or `null`.
    ///
    /// # Errors
    /// [`HistoryError`] with a JSON Pointer to the first fault, the further member's included.
    pub fn read_with<E: DeserializeOwned>(
        &self,
        bytes: &[u8],
        member: &'static str,
    ) -> Result<(History, Option<E>), HistoryError> {
        self.read_document(&DefaultReader::default(), bytes, Some(member))
    }

    pub(super) fn calendar(&self, times: &TimeSettings) -> Calendar {
        Calendar::new(self.period, times.zone.clone())
    }

    pub(super) fn ledger(&self, times: &TimeSettings) -> Ledger {
        let classes = self.taxonomy.classes().len();
        Ledger::new(self.calendar(times), classes, times.as_of)
    }

    fn read_document<E: DeserializeOwned>(
        &self,
        reader: &impl HistoryReader,
        bytes: &[u8],
        extension: Option<&'static str>,
    ) -> Result<(History, Option<E>), HistoryError> {
        let document = reader.read(
            bytes,
            &DocumentRequest {
                taxonomy: &self.taxonomy,
                limits: self.limits,
                extension,
                new_sink: &|times| self.ledger(times),
            },
        )?;
        let currencies = document.encountered.currencies;
        let mut history = self.close(document.sink, document.customer_id, currencies)?;
        history.quality.warnings.splice(..0, document.warnings);
        Ok((history, document.extension))
    }

    /// The history in a ledger.
    ///
    /// # Errors
    /// [`HistoryError::Invalid`] when there was no spending inside the window.
    pub(super) fn close(
        &self,
        ledger: Ledger,
        customer_id: Option<Identifier>,
        currencies: Currencies,
    ) -> Result<History, HistoryError> {
        let Closed {
            totals,
            mut quality,
            mut suspicions,
        } = ledger.close(self.window);
        suspicions.several_currencies = currencies.are_several();
        let totals = totals.filter(|totals| !totals.is_empty());
        let totals = totals.ok_or_else(|| HistoryError::Invalid {
            pointer: "/transactions".to_owned(),
            detail: format!(
                "no spending inside the window: nothing to score{}",
                reason_of_no_spending(&quality, suspicions)
            ),
        })?;
        quality.warnings = warnings(&quality, suspicions);
        Ok(History {
            customer_id,
            totals,
            quality,
        })
    }
}
