//! Transactions that write to SQLite.

use std::sync::Arc;

use async_trait::async_trait;
use sqlx::pool::PoolConnection;

use super::database_file::DatabaseFile;
use crate::database::interface::{Residue, Transaction};
use crate::error::{StoreError, while_doing};
use crate::records::entry::Head;

/// A transaction that writes.
///
/// It begins and ends in SQL of its own: sqlx counts transactions, and its count is wrong after SQLite has rolled one
/// back by itself, as it does when the disk is full.
pub(crate) struct SqliteTransaction {
    pub(super) connection: PoolConnection<sqlx::Sqlite>,
    /// What it leaves in the journal.
    residue: Residue,
    /// The last entry that it has added.
    pub(super) added: Option<Head>,
    /// The files of the database; `None` in memory.
    file: Option<Arc<DatabaseFile>>,
}

impl SqliteTransaction {
    pub(super) async fn begin(
        mut connection: PoolConnection<sqlx::Sqlite>,
        file: Option<Arc<DatabaseFile>>,
    ) -> Result<Self, StoreError> {
        // Immediate: what is read in it, such as the chain's end, stays true until it commits.
        let begun = sqlx::query("BEGIN IMMEDIATE")
            .execute(&mut *connection)
            .await;
        match begun {
            Ok(_) => Ok(Self {
                connection,
                residue: Residue::Nothing,
                added: None,
                file,
            }),
            Err(error) => {
                roll_back(connection).await;
                Err(while_doing("beginning to write")(error))
            }
        }
    }

    /// Checks that a chain that was read goes on from the last entry that was acknowledged.
    pub(super) fn check_head(&self, head: &Head) -> Result<(), StoreError> {
        let Some(file) = self.file.as_ref().filter(|_| self.added.is_none()) else {
            return Ok(());
        };
        match file.anchor.head() {
            Some(known)
                if head.sequence < known.sequence
                    || (head.sequence == known.sequence && head.sha256 != known.sha256) =>
            {
                Err(StoreError::ChainLost {
                    database: "the open database".to_owned(),
                    anchor: file.anchor.path().display().to_string(),
                    sequence: known.sequence,
                    sha256: known.sha256,
                })
            }
            _ => Ok(()),
        }
    }

    /// Notes what was committed, unless a file was deleted meanwhile: then it may be lost.
    fn acknowledge(self) -> Result<Residue, StoreError> {
        if let Some(file) = &self.file {
            file.watched.check_identities()?;
            if let Some(head) = &self.added {
                file.anchor.note(head);
            }
        }
        Ok(self.residue)
    }

    /// Notes what the transaction leaves in the journal.
    pub(super) fn leave(&mut self, residue: Residue) {
        self.residue = self.residue.max(residue);
    }
}

#[async_trait]
impl Transaction for SqliteTransaction {
    /// Every statement is sent at once: it is a call inside the process.
    async fn flush(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn commit(mut self: Box<Self>) -> Result<Residue, StoreError> {
        let committed = sqlx::query("COMMIT").execute(&mut *self.connection).await;
        match committed {
            Ok(_) => self.acknowledge(),
            Err(error) => {
                roll_back(self.connection).await;
                Err(while_doing("committing")(error))
            }
        }
    }

    async fn rollback(self: Box<Self>) {
        roll_back(self.connection).await;
    }
}

async fn roll_back(mut connection: PoolConnection<sqlx::Sqlite>) {
    // It fails when SQLite has rolled back by itself.
    let _ = sqlx::query("ROLLBACK").execute(&mut *connection).await;
}
