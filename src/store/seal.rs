//! Sealing: a document's last three members are the hash of the entry before it, that of the document, and its own.
//!
//! Its own hash is made of the other two alone, so that a link can be recomputed when the document is erased.

use sha2::{Digest, Sha256};

/// What the first entry names as the hash before it.
pub(super) const BEGINNING: &str =
    "0000000000000000000000000000000000000000000000000000000000000000";

const PREVIOUS: &str = r#","previous_sha256":""#;
const DOCUMENT: &str = r#"","document_sha256":""#;
const RECORD: &str = r#"","record_sha256":""#;
const END: &str = r#""}"#;
/// The characters of a SHA-256 in hex.
const HASH: usize = 64;

/// A document that was sealed. Hashes are in lower-case hex.
pub(super) struct Sealed {
    pub(super) document: Vec<u8>,
    pub(super) document_sha256: String,
    pub(super) record_sha256: String,
}

/// Seals a JSON object of at least one member that ends with its brace.
pub(super) fn seal(draft: &[u8], previous_sha256: &str) -> Sealed {
    let document_sha256 = hash(&[draft]);
    let record_sha256 = link_hash(previous_sha256, &document_sha256);
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
    let members = draft.strip_suffix(b"}").unwrap_or(draft);
    Sealed {
        document: [members, seal.as_bytes()].concat(),
        document_sha256,
        record_sha256,
    }
}

/// The hash of an entry: it vouches for its document and for the entry before it.
pub(super) fn link_hash(previous_sha256: &str, document_sha256: &str) -> String {
    hash(&[
        previous_sha256.as_bytes(),
        b"\n",
        document_sha256.as_bytes(),
        b"\n",
    ])
}

/// What the seal of a document says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Seal<'a> {
    /// The hash of the entry before it.
    pub(super) previous: &'a str,
    /// The hash of the document without its seal.
    pub(super) document: &'a str,
    /// The entry's own hash.
    pub(super) record: &'a str,
    /// The hash of the document without its seal, as its bytes say.
    pub(super) computed: String,
}

/// Reads the seal of a document; `None` when it has none.
pub(super) fn read_seal(document: &[u8]) -> Option<Seal<'_>> {
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

/// Splits a hash and what names it off the end.
fn last_hash<'a>(text: &'a [u8], name: &str) -> Option<(&'a [u8], &'a str)> {
    let (before, hash) = text.split_at_checked(text.len().checked_sub(HASH)?)?;
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
    fn a_seal_is_what_the_documentation_says() {
        let draft = r#"{"id":"1"}"#;
        let sealed = seal(draft.as_bytes(), BEGINNING);
        let document = hex::encode(Sha256::digest(draft));
        let record = hex::encode(Sha256::digest(format!("{BEGINNING}\n{document}\n")));
        let whole = format!(
            r#"{{"id":"1","previous_sha256":"{BEGINNING}","document_sha256":"{document}","record_sha256":"{record}"}}"#
        );
        assert_eq!(str::from_utf8(&sealed.document), Ok(&*whole));
        assert_eq!(sealed.document_sha256, document);
        assert_eq!(sealed.record_sha256, record);
        let read = Seal {
            previous: BEGINNING,
            document: &document,
            record: &record,
            computed: document.clone(),
        };
        assert_eq!(read_seal(&sealed.document), Some(read));
    }

    #[test]
    fn what_is_not_sealed_has_no_seal() {
        let sealed = seal(br#"{"id":"1"}"#, BEGINNING).document;
        for end in 0..sealed.len() {
            assert_eq!(read_seal(&sealed[..end]), None, "{end} bytes");
        }
    }
}
