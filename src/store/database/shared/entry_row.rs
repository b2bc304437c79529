//! Rows of the chain, read one column at a time: a column that holds something else than it should is told, and costs
//! neither its row nor the rows beside it.

use sqlx::{ColumnIndex, Decode, FromRow, Row, Type};

use crate::customer_bucket::bucket_of;
use crate::records::kept_input::KeptInput;
use crate::records::page::{ListedRow, ListedSummary};
use crate::records::stored_entry::{StoredContent, StoredEntry, StoredRecord};

/// A row whose columns may hold anything: the types of SQLite's tables do not bind other programs.
struct LenientRow<'r, R> {
    row: &'r R,
    are_readable: bool,
}

impl<'r, R: Row> LenientRow<'r, R>
where
    &'static str: ColumnIndex<R>,
{
    fn new(row: &'r R) -> Self {
        Self {
            row,
            are_readable: true,
        }
    }

    /// The value of a column; the default when it cannot be read.
    fn get<T>(&mut self, name: &'static str) -> T
    where
        T: Default + Decode<'r, R::Database> + Type<R::Database>,
    {
        self.row.try_get(name).unwrap_or_else(|_| {
            self.are_readable = false;
            T::default()
        })
    }
}

impl<'r, R: Row> FromRow<'r, R> for StoredEntry
where
    &'static str: ColumnIndex<R>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    String: Decode<'r, R::Database> + Type<R::Database>,
    Vec<u8>: Decode<'r, R::Database> + Type<R::Database>,
{
    fn from_row(row: &'r R) -> Result<Self, sqlx::Error> {
        let mut columns = LenientRow::new(row);
        let customer_id: Option<String> = columns.get("customer_id");
        let document: Option<Vec<u8>> = columns.get("document");
        let customer_bucket: Option<i64> = columns.get("customer_bucket");
        Ok(Self {
            sequence: row.try_get("sequence")?,
            kind: columns.get("kind"),
            previous_sha256: columns.get("previous_sha256"),
            document_sha256: columns.get("document_sha256"),
            record_sha256: columns.get("record_sha256"),
            id: columns.get("id"),
            created_at: columns.get("created_at"),
            is_indexed: customer_bucket == customer_id.as_deref().map(bucket_of),
            summary: columns.get("summary"),
            content: document.map(|document| StoredContent {
                customer_id,
                document,
            }),
            is_readable: columns.are_readable,
        })
    }
}

impl<'r, R: Row> FromRow<'r, R> for StoredRecord
where
    StoredEntry: FromRow<'r, R>,
    &'static str: ColumnIndex<R>,
    String: Decode<'r, R::Database> + Type<R::Database>,
    Vec<u8>: Decode<'r, R::Database> + Type<R::Database>,
{
    fn from_row(row: &'r R) -> Result<Self, sqlx::Error> {
        let mut columns = LenientRow::new(row);
        let form: Option<String> = columns.get("input_form");
        Ok(Self {
            entry: StoredEntry::from_row(row)?,
            input: KeptInput::from_form(form.as_deref(), columns.get("input")),
        })
    }
}

impl<'r, R: Row> FromRow<'r, R> for ListedRow
where
    &'static str: ColumnIndex<R>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    String: Decode<'r, R::Database> + Type<R::Database>,
{
    fn from_row(row: &'r R) -> Result<Self, sqlx::Error> {
        let mut columns = LenientRow::new(row);
        Ok(Self {
            sequence: row.try_get("sequence")?,
            id: columns.get("id"),
            created_at: columns.get("created_at"),
            summary: match row.try_get("summary") {
                Ok(Some(text)) => ListedSummary::Text(text),
                Ok(None) => ListedSummary::Absent,
                Err(_) => ListedSummary::Unreadable,
            },
        })
    }
}
