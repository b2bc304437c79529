//! The one encoder: from the bytes of a history to totals.

use std::marker::PhantomData;
use std::sync::Arc;

use serde::de::{DeserializeOwned, DeserializeSeed, IgnoredAny};
use serde_path_to_error::Track;

use super::document::{DocumentSeed, Draft, Settings};
use super::ledger::Ledger;
use super::transaction::{Transaction, TransactionSeed, UnknownClass};
use super::{HistoryError, Identifier, Moment, PeriodKind, Quality, Taxonomy, Totals, plain};

/// How much one history may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Transactions of one history.
    pub transactions: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            transactions: 1_000_000,
        }
    }
}

/// What is left of a customer's transactions once they are read.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// The caller's name for the customer, if one was given.
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
        self.read_document::<IgnoredAny>(bytes, None)
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
        self.read_document(bytes, Some(member))
    }

    /// Reads one transaction, as JSON.
    pub(super) fn read_transaction(
        &self,
        bytes: &[u8],
        unknown_class: UnknownClass,
    ) -> Result<Transaction, HistoryError> {
        let text = text(bytes)?;
        // Whoever has transactions one by one has said beforehand what to do with an unknown class.
        let met_unknown_class = &mut false;
        let seed = TransactionSeed {
            taxonomy: &self.taxonomy,
            unknown_class,
            met_unknown_class,
        };
        parse(text, seed).or_else(|_| {
            let seed = TransactionSeed {
                taxonomy: &self.taxonomy,
                unknown_class,
                met_unknown_class: &mut false,
            };
            locate(text, seed)
        })
    }

    pub(super) fn ledger(&self, as_of: Option<Moment>) -> Ledger {
        Ledger::new(self.period, self.taxonomy.classes().len(), as_of)
    }

    fn read_document<E: DeserializeOwned>(
        &self,
        bytes: &[u8],
        extension: Option<&'static str>,
    ) -> Result<(History, Option<E>), HistoryError> {
        let text = text(bytes)?;
        let seed = |assumed, strict| DocumentSeed::<E> {
            encoder: self,
            assumed,
            strict,
            extension,
            of_type: PhantomData,
        };

        // Keeping the path costs time, so it is kept only in a second pass, over a text that is known to fail.
        let first = Settings::default();
        let mut draft = match read(text, seed(first, false)) {
            Ok(draft) => draft,
            Err(_) => locate(text, seed(first, false))?,
        };
        if draft.met_unknown_class && draft.settings.unknown_class == UnknownClass::Refuse {
            draft = locate(text, seed(draft.settings, true))?;
        }
        if draft.ledger_as_of != draft.settings.as_of {
            // `as_of` came after the transactions: now that it is known, read them again.
            let again = read(text, seed(draft.settings, false));
            draft = again.map_err(|error| HistoryError::locate(&Track::new().path(), &error))?;
        }

        let mut history = self.close(draft.ledger, draft.customer_id)?;
        history.quality.warnings = draft.warnings;
        Ok((history, draft.extension))
    }

    /// The history that a ledger holds; one without spending in its window is none.
    pub(super) fn close(
        &self,
        ledger: Ledger,
        customer_id: Option<Identifier>,
    ) -> Result<History, HistoryError> {
        let (totals, quality) = ledger.close(self.window);
        let totals = totals
            .filter(|totals| !totals.is_empty())
            .ok_or_else(HistoryError::no_spending)?;
        Ok(History {
            customer_id,
            totals,
            quality,
        })
    }
}

fn text(bytes: &[u8]) -> Result<&str, HistoryError> {
    std::str::from_utf8(bytes).map_err(|error| HistoryError::NotUtf8 {
        offset: error.valid_up_to(),
    })
}

/// A document in the plain form, or else in any.
fn read<E: DeserializeOwned>(
    text: &str,
    seed: DocumentSeed<'_, E>,
) -> Result<Draft<E>, serde_json::Error> {
    match plain::read(text, &seed) {
        Some(draft) => Ok(draft),
        None => parse(text, seed),
    }
}

/// Any document, by way of `serde_json`.
pub(super) fn parse<'de, S: DeserializeSeed<'de>>(
    text: &'de str,
    seed: S,
) -> Result<S::Value, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = seed.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

/// As [`parse`], and keeps the path to what is wrong.
fn locate<'de, S: DeserializeSeed<'de>>(text: &'de str, seed: S) -> Result<S::Value, HistoryError> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let mut track = Track::new();
    let value = seed
        .deserialize(serde_path_to_error::Deserializer::new(
            &mut deserializer,
            &mut track,
        ))
        .map_err(|error| HistoryError::locate(&track.path(), &error))?;
    deserializer
        .end()
        .map_err(|error| HistoryError::locate(&Track::new().path(), &error))?;
    Ok(value)
}
