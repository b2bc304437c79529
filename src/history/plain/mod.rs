//! The plain form of a history, which nearly every caller sends, read straight from its bytes.
//!
//! `serde_json` reads any document and says what is wrong with a bad one; that costs four times what the bytes cost.
//! This pass knows one form only: strings without escapes, amounts without exponents, no member twice, no class that
//! the taxonomy lacks. Members that nobody asks for are passed over. Whatever else it meets, a fault above all, it gives
//! up and leaves the document to `serde_json`.
//! So it may give up too often, but it must never read anything that `serde_json` would not read the same.

mod cursor;
mod transaction;
mod usual;

use serde::de::DeserializeOwned;

use super::document::{DocumentSeed, Draft, Members};
use cursor::Cursor;
use usual::read_transactions;

/// Reads a document; `None` when it is not plain, whether it is good or bad.
pub(super) fn read<E: DeserializeOwned>(
    text: &str,
    seed: &DocumentSeed<'_, E>,
) -> Option<Draft<E>> {
    let mut cursor = Cursor::new(text);
    let mut members = Members::<E>::default();
    cursor.take(b'{')?;
    loop {
        match cursor.string()? {
            "customer_id" => {
                cursor.take(b':')?;
                once(&mut members.customer_id, cursor.value()?)?;
            }
            "as_of" => {
                cursor.take(b':')?;
                once(&mut members.as_of, cursor.value()?)?;
            }
            "unknown_class" => {
                cursor.take(b':')?;
                once(&mut members.unknown_class, cursor.value()?)?;
            }
            "transactions" => {
                cursor.take(b':')?;
                let cut = members.as_of.flatten().or(seed.assumed.as_of);
                let mut ledger = seed.encoder.ledger(cut);
                let limit = seed.encoder.limits().transactions;
                let taxonomy = seed.encoder.taxonomy();
                read_transactions(&mut cursor, taxonomy, limit, |transaction| {
                    ledger.add(transaction);
                })?;
                once(&mut members.transactions, (ledger, cut))?;
            }
            name if Some(name) == seed.extension => {
                cursor.take(b':')?;
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
    members.settle(seed.assumed)
}

/// `None` for the second value of a member.
fn once<T>(slot: &mut Option<T>, value: T) -> Option<()> {
    slot.replace(value).is_none().then_some(())
}

#[cfg(test)]
mod tests;
