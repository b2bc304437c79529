//! Pages of a customer's records, listed without their documents.

use jiff::Timestamp;
use uuid::Uuid;

use super::summary::RecordSummary;

/// A record as a list shows it. What cannot be read of it is absent, and costs the other records nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedRecord {
    /// The explanation's id.
    pub id: Option<Uuid>,
    /// When it was made, to the millisecond.
    pub created_at: Option<Timestamp>,
    /// What is in it; `None` when the record cannot be read, or does not match its hash.
    pub summary: Option<RecordSummary>,
}

/// A page of a customer's records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The records, the newest first.
    pub records: Vec<ListedRecord>,
    /// The number before which the next page begins; `None` on the last page.
    pub next: Option<u64>,
}

/// The columns of a record that a list reads.
#[derive(Debug, Clone)]
pub(crate) struct ListedRow {
    pub(crate) sequence: i64,
    pub(crate) id: Option<String>,
    /// Milliseconds since 1970.
    pub(crate) created_at: Option<i64>,
    pub(crate) summary: ListedSummary,
}

/// The column of a summary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ListedSummary {
    /// Its text.
    Text(String),
    /// None is stored: version 0.1 wrote the row.
    Absent,
    /// It is no text.
    Unreadable,
}

impl ListedRow {
    /// The record with a summary that was read from the column or from its document.
    pub(crate) fn with_summary(self, summary: Option<RecordSummary>) -> ListedRecord {
        let created_at = self
            .created_at
            .and_then(|moment| Timestamp::from_millisecond(moment).ok());
        ListedRecord {
            id: self.id.as_deref().and_then(|id| Uuid::parse_str(id).ok()),
            created_at,
            summary,
        }
    }
}

/// Cuts rows to a page of `limit`, and tells the number before which the next page begins. The query asks for one row
/// more, which tells whether another page follows.
pub(crate) fn cut_to_page(rows: &mut Vec<ListedRow>, limit: usize) -> Option<u64> {
    let more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().map(|row| row.sequence.cast_unsigned());
    last.filter(|_| more)
}
