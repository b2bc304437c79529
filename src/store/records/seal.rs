//! Seals of records: a document's last three members are the hash of the entry before it, the hash of the document, and
//! the hash of the record.
//!
//! The record's hash is made of the other two alone, so that it can be recomputed after the document is erased.

use sha2::{Digest, Sha256};

/// The previous hash of the first entry.
pub(crate) const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

const PREVIOUS: &str = r#","previous_sha256":""#;
const DOCUMENT: &str = r#"","document_sha256":""#;
const RECORD: &str = r#"","record_sha256":""#;
const END: &str = r#""}"#;
/// The characters of a SHA-256 in hex.
const HASH_LENGTH: usize = 64;

/// A sealed document. Hashes are in lower-case hex.
pub(crate) struct Sealed {
    pub(crate) document: Vec<u8>,
    pub(crate) document_sha256: String,
    pub(crate) record_sha256: String,
}

/// Seals a JSON object of at least one member that ends with its brace.
pub(crate) fn seal(document: &[u8], previous_sha256: &str) -> Sealed {
    let document_sha256 = hash(&[document]);
    let record_sha256 = record_hash(previous_sha256, &document_sha256);
    let seal = [
        PREVIOUS,
        previous_sha256,
        DOCUMENT,
        &document_sha256,
        RECORD,
        &record_sha256,
        END,
    ]
    .concat();
    let members = document.strip_suffix(b"}").unwrap_or(document);
    Sealed {
        document: [members, seal.as_bytes()].concat(),
        document_sha256,
        record_sha256,
    }
}

/// The hash of a record, from the hash of the entry before it and the hash of its document.
pub(crate) fn record_hash(previous_sha256: &str, document_sha256: &str) -> String {
    hash(&[
        previous_sha256.as_bytes(),
        b"\n",
        document_sha256.as_bytes(),
        b"\n",
    ])
}

/// The seal of a document.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Seal<'a> {
    /// The hash of the entry before it.
    pub(crate) previous: &'a str,
    /// The hash of the document without its seal.
    pub(crate) document: &'a str,
    /// The hash of the record.
    pub(crate) record: &'a str,
    /// The hash of the document without its seal, computed from its bytes.
    pub(crate) computed: String,
}

/// Reads the seal of a document; `None` when it has none.
pub(crate) fn read_seal(document: &[u8]) -> Option<Seal<'_>> {
    let (rest, record) = last_hash(document.strip_suffix(END.as_bytes())?, RECORD)?;
    let (rest, document) = last_hash(rest, DOCUMENT)?;
    let (members, previous) = last_hash(rest, PREVIOUS)?;
    Some(Seal {
        previous,
        document,
        record,
        computed: hash(&[members, b"}"]),
    })
}

/// Splits a hash and the member's name off the end.
fn last_hash<'a>(text: &'a [u8], name: &str) -> Option<(&'a [u8], &'a str)> {
    let (before, hash) = text.split_at_checked(text.len().checked_sub(HASH_LENGTH)?)?;
    let before = before.strip_suffix(name.as_bytes())?;
    Some((before, str::from_utf8(hash).ok()?))
}

fn hash(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    hex::encode(hasher.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seal_has_the_documented_form() {
        let unsealed = r#"{"id":"1"}"#;
        let sealed = seal(unsealed.as_bytes(), GENESIS);
        let document = hex::encode(Sha256::digest(unsealed));
        let record = hex::encode(Sha256::digest(format!("{GENESIS}\n{document}\n")));
        let whole = format!(
            r#"{{"id":"1","previous_sha256":"{GENESIS}","document_sha256":"{document}","record_sha256":"{record}"}}"#
        );
        assert_eq!(str::from_utf8(&sealed.document), Ok(&*whole));
        assert_eq!(sealed.document_sha256, document);
        assert_eq!(sealed.record_sha256, record);
        let read = Seal {
            previous: GENESIS,
            document: &document,
            record: &record,
            computed: document.clone(),
        };
        assert_eq!(read_seal(&sealed.document), Some(read));
    }

    #[test]
    fn truncated_document_has_no_seal() {
        let sealed = seal(br#"{"id":"1"}"#, GENESIS).document;
        for end in 0..sealed.len() {
            assert_eq!(read_seal(&sealed[..end]), None, "{end} bytes");
        }
    }
}
