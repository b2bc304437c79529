//! Writing the chain.

use sqlx::QueryBuilder;
use sqlx::pool::PoolConnection;
use uuid::Uuid;

use super::selection::push_condition;
use crate::backend::Residue;
use crate::bucket::bucket;
use crate::draft::KeptInput;
use crate::entry::{Entry, Head, Tombstone, milliseconds};
use crate::erase::{SLICE, Selection};
use crate::error::{StoreError, while_doing};
use crate::seal::BEGINNING;
use crate::standing::{Inquiry, Standing};

/// A transaction that writes.
///
/// It begins and ends in SQL of its own: sqlx counts transactions, and its count is wrong after SQLite has rolled one
/// back by itself, as it does when the disk is full.
pub(crate) struct SqliteTransaction {
    pub(super) connection: PoolConnection<sqlx::Sqlite>,
    /// What it leaves in the journal.
    residue: Residue,
}

impl SqliteTransaction {
    pub(super) async fn begin(
        connection: PoolConnection<sqlx::Sqlite>,
    ) -> Result<Self, StoreError> {
        let mut transaction = Self {
            connection,
            residue: Residue::Nothing,
        };
        // Immediate: what is read in it, such as the chain's end, stays true until it commits.
        let begun = sqlx::query("BEGIN IMMEDIATE")
            .execute(&mut *transaction.connection)
            .await;
        match begun {
            Ok(_) => Ok(transaction),
            Err(error) => {
                transaction.rollback().await;
                Err(while_doing("beginning to write")(error))
            }
        }
    }

    pub(crate) async fn commit(mut self) -> Result<Residue, StoreError> {
        let committed = sqlx::query("COMMIT").execute(&mut *self.connection).await;
        let residue = self.residue;
        match committed {
            Ok(_) => Ok(residue),
            Err(error) => {
                self.rollback().await;
                Err(while_doing("committing")(error))
            }
        }
    }

    pub(crate) async fn rollback(mut self) {
        // It fails when SQLite has done it already.
        let _ = sqlx::query("ROLLBACK").execute(&mut *self.connection).await;
    }

    /// Notes what will have to be taken out of the journal.
    pub(super) fn leaves(&mut self, residue: Residue) {
        self.residue = self.residue.max(residue);
    }

    pub(crate) async fn head(&mut self) -> Result<Head, StoreError> {
        let last: Option<(i64, String)> = sqlx::query_as(
            "SELECT sequence, record_sha256 FROM entries ORDER BY sequence DESC LIMIT 1",
        )
        .fetch_optional(&mut *self.connection)
        .await
        .map_err(while_doing("reading the chain's end"))?;
        let (sequence, sha256) = last.unwrap_or_else(|| (0, BEGINNING.to_owned()));
        Ok(Head {
            sequence: sequence.cast_unsigned(),
            sha256,
        })
    }

    pub(crate) async fn standing(&mut self, inquiry: &Inquiry) -> Result<Standing, StoreError> {
        Ok(Standing {
            is_recorded: self.is_recorded(inquiry.id).await?,
            job: self.job_state(inquiry.id).await?,
            is_erased: match &inquiry.customer_id {
                Some(customer_id) => self.is_erased_since(customer_id, inquiry.admitted).await?,
                None => false,
            },
        })
    }

    async fn is_recorded(&mut self, id: Uuid) -> Result<bool, StoreError> {
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM entries WHERE id = ?)")
            .bind(id.to_string())
            .fetch_one(&mut *self.connection)
            .await
            .map_err(while_doing("looking for a record"))
    }

    pub(crate) async fn insert(&mut self, entry: &Entry<'_>) -> Result<(), StoreError> {
        let failed = while_doing("adding an entry");
        let unsealed = entry.unsealed;
        sqlx::query(
            "INSERT INTO entries \
             (sequence, kind, previous_sha256, document_sha256, record_sha256, id, created_at, customer_bucket) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(entry.sequence.cast_signed())
        .bind(unsealed.kind.as_str())
        .bind(entry.previous_sha256)
        .bind(entry.document_sha256)
        .bind(entry.record_sha256)
        .bind(unsealed.id.to_string())
        .bind(milliseconds(unsealed.created_at))
        .bind(unsealed.customer_id.map(bucket))
        .execute(&mut *self.connection)
        .await
        .map_err(&failed)?;
        sqlx::query(
            "INSERT INTO contents (sequence, guard, customer_id, document, input_form, input) \
             VALUES (?, zeroblob(4096), ?, ?, ?, ?)",
        )
        .bind(entry.sequence.cast_signed())
        .bind(unsealed.customer_id)
        .bind(entry.document)
        .bind(unsealed.input.map(KeptInput::form))
        .bind(unsealed.input.and_then(KeptInput::bytes))
        .execute(&mut *self.connection)
        .await
        .map_err(&failed)?;
        Ok(())
    }

    pub(crate) async fn explanations(
        &mut self,
        selection: &Selection,
    ) -> Result<Vec<Tombstone>, StoreError> {
        let mut query = QueryBuilder::new(
            "SELECT sequence, record_sha256 FROM entries JOIN contents USING (sequence) \
             WHERE kind = 'explanation' AND ",
        );
        push_condition(&mut query, selection);
        if let Selection::OlderThan(_) = selection {
            // In the order of the index: the beginning of the chain is tombstones only.
            query
                .push(" ORDER BY created_at LIMIT ")
                .push_bind(i64::try_from(SLICE).unwrap_or(i64::MAX));
        }
        let rows: Vec<(i64, String)> = query
            .build_query_as()
            .fetch_all(&mut *self.connection)
            .await
            .map_err(while_doing("looking for what is to be erased"))?;
        Ok(Tombstone::in_order(rows))
    }

    pub(crate) async fn bury(&mut self, tombstones: &[Tombstone]) -> Result<(), StoreError> {
        self.leaves(Residue::Erased);
        for tombstone in tombstones {
            for statement in [
                "DELETE FROM contents WHERE sequence = ?",
                "DELETE FROM jobs WHERE id = (SELECT id FROM entries WHERE sequence = ?)",
                "UPDATE entries SET id = NULL, created_at = NULL, customer_bucket = NULL WHERE sequence = ?",
            ] {
                sqlx::query(statement)
                    .bind(tombstone.sequence.cast_signed())
                    .execute(&mut *self.connection)
                    .await
                    .map_err(while_doing("erasing an explanation"))?;
            }
        }
        Ok(())
    }
}
