//! Transactions that write to SQLite.

use async_trait::async_trait;
use sqlx::pool::PoolConnection;

use crate::database::interface::{Residue, Transaction};
use crate::error::{StoreError, while_doing};

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
        mut connection: PoolConnection<sqlx::Sqlite>,
    ) -> Result<Self, StoreError> {
        // Immediate: what is read in it, such as the chain's end, stays true until it commits.
        let begun = sqlx::query("BEGIN IMMEDIATE")
            .execute(&mut *connection)
            .await;
        match begun {
            Ok(_) => Ok(Self {
                connection,
                residue: Residue::Nothing,
            }),
            Err(error) => {
                roll_back(connection).await;
                Err(while_doing("beginning to write")(error))
            }
        }
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
            Ok(_) => Ok(self.residue),
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
