//! Pages of a customer's records.

/// A page of a customer's records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The records, the newest first.
    pub documents: Vec<Vec<u8>>,
    /// The number before which the next page begins; `None` on the last page.
    pub next: Option<u64>,
}

impl Page {
    /// A page of the first `limit` rows (number, document). The query asks for one row more, which tells whether
    /// another page follows.
    pub(crate) fn from_rows(mut rows: Vec<(i64, Vec<u8>)>, limit: usize) -> Self {
        let more = rows.len() > limit;
        rows.truncate(limit);
        let last = rows.last().map(|(sequence, _)| sequence.cast_unsigned());
        Self {
            next: last.filter(|_| more),
            documents: rows.into_iter().map(|(_, document)| document).collect(),
        }
    }
}
