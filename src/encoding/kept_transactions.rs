//! Transactions to be kept, in a canonical form of their own: what a later history is put together from.
//!
//! A kept transaction has the members that a history's transactions have, and the declared fields of the model that read it.
//! Everything else is left out, so that nothing is kept that no model reads.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::encoder::Encoder;
use super::milliseconds::milliseconds;
use microseg_history::{
    DefaultReader, Details, DocumentRequest, HistoryError, HistoryReader, HistorySettings,
    Identifier, MixedCurrencies, ParsedDocument, ParsedTransaction, TimeSettings, UnknownClass,
};

/// The members of every transaction that are kept.
const MEMBERS: [&str; 6] = ["amount", "class", "currency", "id", "mcc", "timestamp"];

/// Transactions that are to be kept, and what they have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionsToKeep {
    /// The caller's name for the customer, if one was given.
    pub customer_id: Option<Identifier>,
    /// The settings of the document that decide what its transactions mean, as JSON; the same text for the same settings.
    pub settings: String,
    /// In the order of the document.
    pub transactions: Vec<TransactionToKeep>,
    /// Sentences about members that were ignored.
    pub warnings: Vec<String>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionToKeep {
    /// The caller's id.
    pub id: Identifier,
    /// When it was booked, in milliseconds since 1970.
    pub moment: i64,
    /// The transaction as JSON: its members in the order of their names.
    pub document: String,
}

/// The settings of kept transactions; those that are as usual are left out.
#[derive(Debug, Default, Serialize, Deserialize)]
struct KeptSettings<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    mixed_currencies: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_zone: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unknown_class: Option<&'a str>,
}

/// The parts of the document that are kept as they were written.
#[derive(Deserialize)]
struct Written<'a> {
    #[serde(borrow, default)]
    currency: Option<&'a RawValue>,
    #[serde(borrow)]
    transactions: Vec<BTreeMap<String, &'a RawValue>>,
}

/// The history of a customer, to be read by an [`Encoder`].
#[derive(Serialize)]
struct KeptHistory<'a> {
    customer_id: &'a str,
    #[serde(flatten)]
    settings: KeptSettings<'a>,
    transactions: Vec<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explain: Option<&'a RawValue>,
}

impl Encoder {
    /// Reads transactions that are to be kept: a history without `as_of` and `state_token`, each of whose transactions has an
    /// id. There may be no spending among them.
    ///
    /// # Errors
    /// [`HistoryError`] with a JSON Pointer to the first fault.
    pub fn read_to_keep(&self, bytes: &[u8]) -> Result<TransactionsToKeep, HistoryError> {
        let new_sink = |_: &TimeSettings| Vec::new();
        let request = DocumentRequest {
            taxonomy: self.taxonomy(),
            limits: self.limits(),
            extension: None,
            details: Some(self.declaration().fields()),
            new_sink: &new_sink,
        };
        let document: ParsedDocument<Vec<(ParsedTransaction, Details)>, IgnoredAny> =
            DefaultReader::default().read(bytes, &request)?;
        if document.settings.times.as_of.is_some() {
            return Err(refused(
                "/as_of",
                "kept transactions have no end of their window",
            ));
        }
        if document.state_token.is_some() {
            return Err(refused(
                "/state_token",
                "kept transactions go on from no token",
            ));
        }
        let written: Written =
            serde_json::from_slice(bytes).map_err(|_| refused("", "expected a history"))?;
        let read = document.sink.into_iter().zip(written.transactions);
        let transactions = read.enumerate().map(|(place, ((transaction, details), members))| {
            let id = details.id.ok_or_else(|| {
                refused(
                    &format!("/transactions/{place}/id"),
                    "expected an id: a transaction that is kept needs one, so that it is counted once",
                )
            })?;
            Ok(TransactionToKeep {
                id,
                moment: milliseconds(transaction.moment),
                document: self.canonical(members, written.currency)?,
            })
        });
        Ok(TransactionsToKeep {
            transactions: transactions.collect::<Result<_, HistoryError>>()?,
            customer_id: document.customer_id,
            settings: settings_of(&document.settings)?,
            warnings: document.warnings,
        })
    }

    /// The members of a transaction that are kept.
    fn canonical<'a>(
        &self,
        mut members: BTreeMap<String, &'a RawValue>,
        currency: Option<&'a RawValue>,
    ) -> Result<String, HistoryError> {
        let fields = self.declaration().fields();
        members.retain(|name, value| {
            let is_known = MEMBERS.contains(&name.as_str()) || fields.place_of(name).is_some();
            is_known && value.get() != "null"
        });
        if let Some(currency) = currency.filter(|currency| currency.get() != "null") {
            members.entry("currency".to_owned()).or_insert(currency);
        }
        serde_json::to_string(&members).map_err(|_| refused("", "expected a history"))
    }
}

/// A customer's history as a document: its kept transactions, the state that they go on from, and the options of an
/// explanation, where there are any.
///
/// # Errors
/// When what was kept is not of this form.
pub fn kept_history(
    customer_id: &str,
    settings: &str,
    transactions: &[String],
    state_token: Option<&str>,
    explain: Option<&RawValue>,
) -> Result<Vec<u8>, serde_json::Error> {
    let transactions = transactions.iter().map(|text| serde_json::from_str(text));
    serde_json::to_vec(&KeptHistory {
        customer_id,
        settings: serde_json::from_str(settings)?,
        transactions: transactions.collect::<Result<_, _>>()?,
        state_token,
        explain,
    })
}

fn refused(pointer: &str, detail: &str) -> HistoryError {
    HistoryError::Invalid {
        pointer: pointer.to_owned(),
        detail: detail.to_owned(),
    }
}

fn settings_of(settings: &HistorySettings) -> Result<String, HistoryError> {
    let kept = KeptSettings {
        mixed_currencies: (settings.mixed_currencies == MixedCurrencies::Add).then_some("add"),
        time_zone: settings.times.zone.name(),
        unknown_class: (settings.unknown_class == UnknownClass::Count).then_some("skip"),
    };
    serde_json::to_string(&kept).map_err(|_| refused("", "expected a history"))
}
