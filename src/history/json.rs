//! Reference reader of JSON, by `serde_json`: any notation, and JSON Pointers to what is wrong.

use std::collections::HashMap;

use serde::de::{DeserializeOwned, DeserializeSeed};
use serde_json::value::RawValue;
use serde_path_to_error::Track;

use super::declared::DeclaredFields;
use super::details::Details;
use super::document::{DetailedTransactionSeed, DocumentSeed, ParsedDocument, TransactionSeed};
use super::encountered::Encountered;
use super::error::HistoryError;
use super::fields::{Field, ReadContext};
use super::identifier::Identifier;
use super::reader::HistoryReader;
use super::sink::TransactionSink;
use super::transaction::ParsedTransaction;

/// The reader that defines what a document means.
#[derive(Debug, Clone, Copy, Default)]
pub struct JsonReader;

impl HistoryReader for JsonReader {
    fn read_once<S: TransactionSink, E: DeserializeOwned>(
        &self,
        text: &str,
        seed: DocumentSeed<'_, S, E>,
    ) -> Result<ParsedDocument<S, E>, HistoryError> {
        if seed.is_strict() {
            return locate(text, seed);
        }
        // Keeping the path costs time, so it is kept only in a second pass, over a text that is known to fail.
        parse(text, seed).or_else(|_| locate(text, seed))
    }
}

/// Reads one transaction that stands alone, as in a stream; `encountered` is what those before have had.
///
/// # Errors
/// [`HistoryError`] with a JSON Pointer into the transaction.
pub fn read_transaction(
    bytes: &[u8],
    context: ReadContext<'_>,
    encountered: &mut Encountered,
) -> Result<ParsedTransaction, HistoryError> {
    let text = HistoryError::check_utf8(bytes)?;
    let mut with_this_one = *encountered;
    let seed = TransactionSeed {
        context,
        encountered: &mut with_this_one,
    };
    let transaction = parse(text, seed).or_else(|_| {
        let seed = TransactionSeed {
            context,
            encountered: &mut encountered.clone(),
        };
        locate(text, seed)
    })?;
    *encountered = with_this_one;
    Ok(transaction)
}

/// As [`read_transaction`], with the details that models of declared inputs read.
///
/// # Errors
/// [`HistoryError`] with a JSON Pointer into the transaction.
pub fn read_detailed_transaction(
    bytes: &[u8],
    context: ReadContext<'_>,
    declared: &DeclaredFields,
    encountered: &mut Encountered,
) -> Result<(ParsedTransaction, Details), HistoryError> {
    let text = HistoryError::check_utf8(bytes)?;
    let mut with_this_one = *encountered;
    let transaction = TransactionSeed {
        context,
        encountered: &mut with_this_one,
    };
    let read = parse(
        text,
        DetailedTransactionSeed {
            transaction,
            declared,
        },
    );
    let read = read.or_else(|_| {
        let transaction = TransactionSeed {
            context,
            encountered: &mut encountered.clone(),
        };
        locate(
            text,
            DetailedTransactionSeed {
                transaction,
                declared,
            },
        )
    })?;
    *encountered = with_this_one;
    Ok(read)
}

/// The `id` of a transaction that [`read_transaction`] accepted. It is read again, because few transactions need it.
#[must_use]
pub fn read_transaction_id(bytes: &[u8]) -> Option<Identifier> {
    let text = HistoryError::check_utf8(bytes).ok()?;
    let members: HashMap<String, &RawValue> = serde_json::from_str(text).ok()?;
    let id = members.get(Field::Id.name())?;
    serde_json::from_str(id.get()).ok()
}

/// Any text, without the path to what is wrong.
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
