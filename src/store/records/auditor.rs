//! Audit of the chain: every entry from the first to the last, up to a report of the first place where it is broken.

use std::collections::BTreeMap;

use super::audit::{Anchor, Audit};
use super::check::{check_columns, check_document};
use super::database::ChainSnapshot;
use super::entry::{Kind, Tombstone};
use super::erasure_document::read_tombstones;
use super::seal::GENESIS;
use super::stored_entry::{StoredContent, StoredEntry};
use crate::error::StoreError;
use crate::fault::{Broken, Fault};

/// Audits a chain. `progress` is called with the number of entries that are done, and the number of all.
pub(crate) async fn audit_chain(
    mut snapshot: Box<dyn ChainSnapshot>,
    anchor: Option<&str>,
    mut progress: impl FnMut(u64, u64),
) -> Result<Audit, StoreError> {
    let total = snapshot.count().await?;
    let mut auditor = Auditor::new(anchor);
    // From the lowest number that a database can hold: nothing may hide before the first entry.
    let mut from = Some(i64::MIN);
    while let Some(first) = from {
        let page = snapshot.entries(first).await?;
        from = page.last().and_then(|last| last.sequence.checked_add(1));
        for entry in &page {
            auditor.visit(entry);
        }
        progress(auditor.audit.entries, total);
    }
    if let Some(sequence) = snapshot.orphaned_content().await? {
        auditor.note(sequence, Fault::NoEntry);
    }
    Ok(auditor.finish())
}

struct Auditor<'a> {
    anchor: Option<&'a str>,
    audit: Audit,
    /// The number of the next entry.
    next: i64,
    /// The hash of the entry before it.
    previous: String,
    /// The erased explanations that no erasure has listed yet.
    unlisted: BTreeMap<i64, Unlisted>,
}

/// An erased explanation that no erasure has listed yet.
struct Unlisted {
    record_sha256: String,
    /// Whether only its number and its hashes are left.
    is_bare: bool,
}

impl<'a> Auditor<'a> {
    fn new(anchor: Option<&'a str>) -> Self {
        Self {
            anchor,
            audit: Audit {
                whole: true,
                entries: 0,
                explanations: 0,
                erased: 0,
                erasures: 0,
                head: None,
                broken: None,
                anchor: anchor.map_or(Anchor::NotGiven, |_| Anchor::Nowhere),
            },
            next: 1,
            previous: GENESIS.to_owned(),
            unlisted: BTreeMap::new(),
        }
    }

    fn visit(&mut self, entry: &StoredEntry) {
        let sequence = entry.sequence;
        self.audit.entries += 1;
        if sequence != self.next {
            self.note(self.next, Fault::Absent { found: sequence });
        }
        if !entry.is_readable {
            self.note(sequence, Fault::Unreadable);
        }
        if entry.previous_sha256 != self.previous {
            self.note(sequence, Fault::PreviousHash);
        }
        if let Err(fault) = check_columns(entry) {
            self.note(sequence, fault);
        }
        let is_erasure = entry.kind == Kind::Erasure.into_str();
        if is_erasure {
            self.audit.erasures += 1;
        } else {
            self.audit.explanations += 1;
        }
        match &entry.content {
            Some(content) => {
                if let Err(fault) = check_document(entry, content) {
                    self.note(sequence, fault);
                }
                if is_erasure {
                    self.match_erasure(sequence, content);
                }
            }
            // Erasures are never erased.
            None if is_erasure => self.note(sequence, Fault::Missing),
            None => {
                self.audit.erased += 1;
                let erased = Unlisted {
                    record_sha256: entry.record_sha256.clone(),
                    is_bare: entry.id.is_none()
                        && entry.created_at.is_none()
                        && entry.summary.is_none()
                        && entry.is_indexed,
                };
                self.unlisted.insert(sequence, erased);
            }
        }
        if self.anchor == Some(&entry.record_sha256) {
            self.audit.anchor = Anchor::Here {
                sequence: number(sequence),
            };
        }
        // After a fault the audit goes on from what is stored: a later erasure may list an earlier entry.
        self.previous.clone_from(&entry.record_sha256);
        self.next = self.next.max(sequence.saturating_add(1));
    }

    /// Compares what an erasure lists with the tombstones before it.
    fn match_erasure(&mut self, sequence: i64, content: &StoredContent) {
        let Some(listed) = read_tombstones(&content.document) else {
            return self.note(sequence, Fault::Unreadable);
        };
        for Tombstone {
            sequence: erased,
            record_sha256,
        } in listed
        {
            let key = erased.cast_signed();
            let is_listed = |found: &Unlisted| found.record_sha256 == record_sha256;
            if !self.unlisted.get(&key).is_some_and(is_listed) {
                self.note(sequence, Fault::NotErased { sequence: erased });
            } else if self
                .unlisted
                .remove(&key)
                .is_some_and(|found| !found.is_bare)
            {
                self.note(key, Fault::Remains);
            }
        }
    }

    /// Keeps the first fault of the lowest entry.
    fn note(&mut self, sequence: i64, fault: Fault) {
        let sequence = number(sequence);
        let noted = self.audit.broken.as_ref();
        if noted.is_none_or(|noted| sequence < noted.sequence) {
            self.audit.broken = Some(Broken { sequence, fault });
        }
    }

    fn finish(mut self) -> Audit {
        if let Some((&sequence, _)) = self.unlisted.first_key_value() {
            self.note(sequence, Fault::Missing);
        }
        self.audit.head = (self.audit.entries > 0).then_some(self.previous);
        self.audit.whole = self.audit.broken.is_none() && self.audit.anchor != Anchor::Nowhere;
        self.audit
    }
}

/// An entry's number. A fault before the first entry counts as one of the first.
fn number(sequence: i64) -> u64 {
    sequence.max(1).cast_unsigned()
}
