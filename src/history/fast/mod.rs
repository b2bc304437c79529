//! Fast reader of the plain form of a history, which nearly every caller sends.
//!
//! `serde_json` reads any document and locates the faults of a bad one; that costs four times what reading its bytes
//! costs. This reader knows one form only: strings without escapes, amounts without exponents, no member twice, no class
//! that the taxonomy lacks, no unknown member beside the transactions. Everything else, a fault above all, it leaves to
//! [`JsonReader`]. So it may give up too often, but it must never read anything that [`JsonReader`] would not read the
//! same.
//!
//! The service works without this folder: delete it, and let `DefaultReader` in `lib.rs` be `JsonReader`.

mod cursor;
mod details;
mod digits;
#[cfg(test)]
mod tests;
mod text;
mod transaction;
mod usual_layout;

use serde::de::DeserializeOwned;

use crate::document::{DocumentMembers, DocumentSeed, ParsedDocument, ReadTransactions};
use crate::encountered::Encountered;
use crate::error::HistoryError;
use crate::json::JsonReader;
use crate::reader::HistoryReader;
use crate::sink::TransactionSink;
use cursor::{Cursor, once};
use details::read_detailed;
use usual_layout::read_transactions;

/// The reader of the plain form; any other form goes to [`JsonReader`].
#[derive(Debug, Clone, Copy, Default)]
pub struct FastReader;

impl HistoryReader for FastReader {
    fn read_once<S: TransactionSink, E: DeserializeOwned>(
        &self,
        text: &str,
        seed: DocumentSeed<'_, S, E>,
    ) -> Result<ParsedDocument<S, E>, HistoryError> {
        match read_plain(text, seed) {
            Some(document) => Ok(document),
            None => JsonReader.read_once(text, seed),
        }
    }
}

/// Reads a document; `None` when it is not plain, whether it is good or bad.
fn read_plain<S: TransactionSink, E: DeserializeOwned>(
    text: &str,
    seed: DocumentSeed<'_, S, E>,
) -> Option<ParsedDocument<S, E>> {
    let mut cursor = Cursor::new(text);
    let mut members = DocumentMembers::<S, E>::default();
    cursor.take(b'{')?;
    loop {
        let name = cursor.string()?;
        cursor.take(b':')?;
        match name {
            "customer_id" => once(&mut members.customer_id, cursor.value()?)?,
            "as_of" => once(&mut members.as_of, cursor.value()?)?,
            "unknown_class" => once(&mut members.unknown_class, cursor.value()?)?,
            "mixed_currencies" => once(&mut members.mixed_currencies, cursor.value()?)?,
            "time_zone" => once(&mut members.time_zone, cursor.value()?)?,
            "currency" => once(&mut members.currency, cursor.value()?)?,
            "state_token" => once(&mut members.state_token, cursor.value()?)?,
            "transactions" => {
                let settings = members.settings(seed.assumed);
                let mut transactions = ReadTransactions {
                    sink: (seed.request.new_sink)(&settings.times),
                    times: settings.times,
                    encountered: Encountered::of_history(settings.currency),
                };
                let context = seed.context(&transactions.times.zone);
                let limit = seed.request.limits.transactions;
                let encountered = &mut transactions.encountered;
                let sink = &mut transactions.sink;
                match seed.request.details {
                    None => read_transactions(&mut cursor, context, limit, encountered, sink)?,
                    Some(declared) => {
                        read_detailed(&mut cursor, context, declared, limit, encountered, sink)?;
                    }
                }
                once(&mut members.transactions, transactions)?;
            }
            name if Some(name) == seed.request.extension => {
                once(&mut members.extension, cursor.value()?)?;
            }
            _ => return None,
        }
        if cursor.ends(b'}')? {
            break;
        }
    }
    cursor.skip_space();
    if !cursor.is_at_end() {
        return None;
    }
    members.finish(seed.assumed)
}
