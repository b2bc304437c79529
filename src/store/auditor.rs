//! The auditor: walks the chain from its beginning and notes the first place where it is broken.

use std::collections::BTreeMap;

use super::audit::{Anchor, Audit, Broken, Fault};
use super::backend::Snapshot;
use super::draft::Facts;
use super::entry::{Content, Found, Kind, Tombstone};
use super::erasure;
use super::error::StoreError;
use super::seal::{BEGINNING, link_hash, read_seal};

/// Walks a chain; tells how many entries are done, and of how many.
pub(super) async fn walk(
    mut snapshot: Snapshot,
    anchor: Option<&str>,
    mut progress: impl FnMut(u64, u64),
) -> Result<Audit, StoreError> {
    let of = snapshot.count().await?;
    let mut auditor = Auditor::new(anchor);
    // From the lowest number that a database can hold: nothing may hide before the first entry.
    let mut from = Some(i64::MIN);
    while let Some(first) = from {
        let page = snapshot.entries(first).await?;
        from = page.last().and_then(|last| last.sequence.checked_add(1));
        for found in &page {
            auditor.take(found);
        }
        progress(auditor.audit.entries, of);
    }
    if let Some(sequence) = snapshot.lone_content().await? {
        auditor.note(sequence, Fault::NoEntry);
    }
    Ok(auditor.end())
}

struct Auditor<'a> {
    anchor: Option<&'a str>,
    audit: Audit,
    /// The number of the next entry.
    next: i64,
    /// The hash of the entry before it.
    previous: String,
    /// The erased explanations that no erasure has listed yet.
    tombstones: BTreeMap<i64, Unlisted>,
}

/// An erased explanation that no erasure has listed yet.
struct Unlisted {
    record_sha256: String,
    /// Whether nothing but its number and its hashes is left.
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
            previous: BEGINNING.to_owned(),
            tombstones: BTreeMap::new(),
        }
    }

    fn take(&mut self, found: &Found) {
        let sequence = found.sequence;
        self.audit.entries += 1;
        if sequence != self.next {
            self.note(self.next, Fault::Absent { found: sequence });
        }
        if !found.is_readable {
            self.note(sequence, Fault::Unreadable);
        }
        if found.previous_sha256 != self.previous {
            self.note(sequence, Fault::PreviousHash);
        }
        // A tombstone has no document to ask: only this ties it to what was before it.
        if link_hash(&found.previous_sha256, &found.document_sha256) != found.record_sha256 {
            self.note(sequence, Fault::RecordHash);
        }
        let is_erasure = found.kind == Kind::Erasure.as_str();
        if is_erasure {
            self.audit.erasures += 1;
        } else {
            self.audit.explanations += 1;
        }
        match &found.content {
            Some(content) => {
                if let Err(fault) = judge(found, content) {
                    self.note(sequence, fault);
                }
                if is_erasure {
                    self.settle(sequence, content);
                }
            }
            // Nobody erases an erasure.
            None if is_erasure => self.note(sequence, Fault::Missing),
            None => {
                self.audit.erased += 1;
                let tombstone = Unlisted {
                    record_sha256: found.record_sha256.clone(),
                    is_bare: found.id.is_none() && found.created_at.is_none() && found.is_indexed,
                };
                self.tombstones.insert(sequence, tombstone);
            }
        }
        if self.anchor == Some(&found.record_sha256) {
            self.audit.anchor = Anchor::Here {
                sequence: number(sequence),
            };
        }
        // After a fault the walk goes on from what stands there: a later erasure may account for an earlier entry.
        self.previous.clone_from(&found.record_sha256);
        self.next = self.next.max(sequence.saturating_add(1));
    }

    /// Holds what an erasure lists against what was erased before it.
    fn settle(&mut self, sequence: i64, content: &Content) {
        let Some(listed) = erasure::listed(&content.document) else {
            return self.note(sequence, Fault::Unreadable);
        };
        for Tombstone {
            sequence: erased,
            record_sha256,
        } in listed
        {
            let key = erased.cast_signed();
            let is_listed = |found: &Unlisted| found.record_sha256 == record_sha256;
            if !self.tombstones.get(&key).is_some_and(is_listed) {
                self.note(sequence, Fault::NotErased { sequence: erased });
            } else if self
                .tombstones
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

    fn end(mut self) -> Audit {
        if let Some((&sequence, _)) = self.tombstones.first_key_value() {
            self.note(sequence, Fault::Missing);
        }
        self.audit.head = (self.audit.entries > 0).then_some(self.previous);
        self.audit.whole = self.audit.broken.is_none() && self.audit.anchor != Anchor::Nowhere;
        self.audit
    }
}

/// An entry's number. What stands before the first entry is a fault of the first.
fn number(sequence: i64) -> u64 {
    sequence.max(1).cast_unsigned()
}

/// Holds an entry's document against its bytes and its columns.
fn judge(found: &Found, content: &Content) -> Result<(), Fault> {
    let seal = read_seal(&content.document).ok_or(Fault::Unreadable)?;
    if seal.computed != seal.document || seal.document != found.document_sha256 {
        return Err(Fault::DocumentHash);
    }
    if seal.record != found.record_sha256 {
        return Err(Fault::RecordHash);
    }
    if seal.previous != found.previous_sha256 {
        return Err(Fault::PreviousHash);
    }
    let facts = Facts::read(&content.document).ok_or(Fault::Unreadable)?;
    let columns = [
        ("kind", found.kind == facts.kind().as_str()),
        ("id", found.id.as_ref() == Some(&facts.id)),
        ("created_at", found.created_at == facts.created_at()),
        ("customer_id", content.customer_id == facts.customer_id),
        ("customer_bucket", found.is_indexed),
    ];
    match columns.into_iter().find(|(_, agrees)| !agrees) {
        Some((name, _)) => Err(Fault::Column { name }),
        None => Ok(()),
    }
}
