//! File of an open database: what is beside its connections.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::SqliteConnection;
use sqlx::sqlite::SqlitePool;

use super::address::Address;
use super::anchor::Anchor;
use super::files::WatchedFiles;
use crate::database::shared;
use crate::error::{StoreError, while_doing};
use crate::records::entry::Head;

/// The files of a database, and its anchor.
#[derive(Debug)]
pub(super) struct DatabaseFile {
    pub(super) watched: WatchedFiles,
    pub(super) anchor: Anchor,
    is_loss_logged: AtomicBool,
}

impl DatabaseFile {
    /// Checks the files. What was acknowledged before the journal was deleted is moved into the database.
    ///
    /// # Errors
    /// As [`WatchedFiles::check`].
    pub(super) async fn check(&self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        let Err(error) = self.watched.check(connection).await else {
            self.is_loss_logged.store(false, Ordering::Relaxed);
            return Ok(());
        };
        if !self.is_loss_logged.swap(true, Ordering::Relaxed) {
            tracing::error!(%error, "nothing more is written");
            if self.watched.is_journal_alone_gone() {
                rescue(connection).await;
            }
        }
        Err(error)
    }

    /// Notes the files of an open database, and compares its chain with the anchor.
    pub(super) async fn watch(
        path: &Path,
        address: &Address,
        writer: &SqlitePool,
    ) -> Result<Self, StoreError> {
        let mut connection = writer.acquire().await.map_err(while_doing("reading"))?;
        let head = shared::records::head(&mut connection).await?;
        let watched = WatchedFiles::note(path, &mut connection).await?;
        let anchor = Anchor::beside(path);
        let noted = anchor.read().map_err(|error| StoreError::Open {
            database: anchor.path().display().to_string(),
            source: Arc::new(error.into()),
        })?;
        if let Some(noted) = noted {
            let query = sqlx::query_scalar(
                "SELECT EXISTS (SELECT 1 FROM entries WHERE sequence = ? AND record_sha256 = ?)",
            )
            .bind(noted.sequence.cast_signed())
            .bind(&noted.sha256);
            let found = query.fetch_one(&mut *connection).await;
            if !found.map_err(while_doing("looking for the anchor"))? {
                return Err(chain_lost(address, &anchor, noted));
            }
        }
        if head.sequence > 0 {
            anchor.note(&head);
        }
        Ok(Self {
            watched,
            anchor,
            is_loss_logged: AtomicBool::new(false),
        })
    }
}

/// The error of a database that lacks an entry of its anchor.
pub(super) fn chain_lost(address: &Address, anchor: &Anchor, head: Head) -> StoreError {
    StoreError::ChainLost {
        database: address.to_string(),
        anchor: anchor.path().display().to_string(),
        sequence: head.sequence,
        sha256: head.sha256,
    }
}

/// Moves a deleted journal, which this process still has open, into the database.
async fn rescue(connection: &mut SqliteConnection) {
    let moving = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(connection);
    let moved: Result<(i64, i64, i64), sqlx::Error> = moving.await;
    match moved {
        Ok((0, ..)) => tracing::warn!("what the deleted journal had was moved into the database"),
        Ok(_) => {
            tracing::error!(
                "a reader keeps the deleted journal from being moved into the database"
            );
        }
        Err(error) => {
            tracing::error!(%error, "the deleted journal cannot be moved into the database");
        }
    }
}
