//! Open databases of SQLite.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteJournalMode, SqlitePool, SqliteSynchronous};
use sqlx::{AssertSqlSafe, SqliteConnection};

use super::address::Address;
use super::anchor::Anchor;
use super::files::WatchedFiles;
use super::migrations::migrate;
use super::pool::{BUSY_TIMEOUT, connect_writer, pool};
use super::snapshot::SqliteSnapshot;
use super::transaction::SqliteTransaction;
use crate::database::interface::{Database, Transaction};
use crate::database::shared;
use crate::database::shared::session::ReaderPool;
use crate::error::{StoreError, while_doing};
use crate::location::Location;
use crate::records::database::ChainSnapshot;
use crate::records::entry::Head;

/// [`BUSY_TIMEOUT`] while the journal is emptied: writers wait meanwhile, and a later attempt follows.
const CHECKPOINT_TIMEOUT: Duration = Duration::from_millis(250);
/// How many connections can read at once.
const READERS: u32 = 4;
/// The bytes of a page; `guard` in the tables is as long.
const PAGE: u32 = 4096;

/// An open database of SQLite.
#[derive(Debug, Clone)]
pub(crate) struct Sqlite {
    /// One connection: SQLite has one writer at a time anyway.
    pub(super) writer: SqlitePool,
    readers: SqlitePool,
    /// What is beside the connections; `None` in memory.
    file: Option<Arc<DatabaseFile>>,
}

/// The files of a database, and its anchor.
#[derive(Debug)]
pub(super) struct DatabaseFile {
    pub(super) watched: WatchedFiles,
    pub(super) anchor: Anchor,
    is_loss_logged: AtomicBool,
}

impl Sqlite {
    /// Opens a database and migrates its tables. A missing file is created.
    pub(crate) async fn open(location: &Location) -> Result<Self, StoreError> {
        let address = Address::from_location(location)?;
        let failed = |error| StoreError::Open {
            database: address.to_string(),
            source: Arc::new(error),
        };
        let unopened = |error| failed(sqlx::Error::Io(error));
        if let Address::File(path) = &address
            && !address.exists()
        {
            // Nothing is created in the place of a database that is lost.
            let anchor = Anchor::beside(path);
            if let Some(head) = anchor.read().map_err(unopened)? {
                return Err(chain_lost(&address, &anchor, head));
            }
        }
        address.create().map_err(unopened)?;
        let path = address.file().map_err(unopened)?;
        let options = address
            .options()
            .busy_timeout(BUSY_TIMEOUT)
            .page_size(PAGE)
            .journal_mode(SqliteJournalMode::Wal)
            // An acknowledged record must survive a power cut: the journal is synced at every commit.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .pragma("secure_delete", "ON")
            // Rows that are being changed must not be copied to temporary files, which are not overwritten.
            .pragma("temp_store", "MEMORY");
        let writer = connect_writer(options).await.map_err(failed)?;
        migrate(&writer)
            .await
            .map_err(|error| StoreError::Migration {
                database: address.to_string(),
                source: Arc::new(error),
            })?;
        // A database in memory is one connection.
        let readers = match address {
            Address::Memory => writer.clone(),
            Address::File(_) => pool(READERS)
                .connect_with(address.options().busy_timeout(BUSY_TIMEOUT).read_only(true))
                .await
                .map_err(failed)?,
        };
        let file = match path {
            None => None,
            Some(path) => Some(Arc::new(
                DatabaseFile::watch(&path, &address, &writer).await?,
            )),
        };
        Ok(Self {
            writer,
            readers,
            file,
        })
    }

    /// Checks the files of the database. What was acknowledged before its journal was deleted is moved into the database.
    async fn check_files(&self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        let Err(error) = file.watched.check(connection).await else {
            file.is_loss_logged.store(false, Ordering::Relaxed);
            return Ok(());
        };
        if !file.is_loss_logged.swap(true, Ordering::Relaxed) {
            tracing::error!(%error, "nothing more is written");
            if file.watched.is_journal_alone_gone() {
                rescue(connection).await;
            }
        }
        Err(error)
    }
}

impl DatabaseFile {
    /// Notes the files of an open database, and compares its chain with the anchor.
    async fn watch(
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

fn chain_lost(address: &Address, anchor: &Anchor, head: Head) -> StoreError {
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

impl ReaderPool for Sqlite {
    type Sql = sqlx::Sqlite;
    type Reader = PoolConnection<sqlx::Sqlite>;

    async fn reader(&self) -> Result<PoolConnection<sqlx::Sqlite>, StoreError> {
        self.readers.acquire().await.map_err(while_doing("reading"))
    }
}

#[async_trait]
impl Database for Sqlite {
    async fn begin(&self) -> Result<Box<dyn Transaction>, StoreError> {
        let connection = self.writer.acquire().await;
        let mut connection = connection.map_err(while_doing("beginning to write"))?;
        self.check_files(&mut connection).await?;
        let file = self.file.clone();
        Ok(Box::new(SqliteTransaction::begin(connection, file).await?))
    }

    async fn snapshot(&self) -> Result<Box<dyn ChainSnapshot>, StoreError> {
        Ok(Box::new(SqliteSnapshot::from_pool(&self.readers).await?))
    }

    /// Moves the journal into the database and empties it, so that no older page is left in it.
    async fn scrub(&self) -> Result<bool, StoreError> {
        let failed = while_doing("emptying the journal");
        let mut connection = self.writer.acquire().await.map_err(&failed)?;
        let shortened = set_busy_timeout(&mut connection, CHECKPOINT_TIMEOUT).await;
        shortened.map_err(&failed)?;
        let emptied = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)")
            .fetch_one(&mut *connection)
            .await;
        let restored = set_busy_timeout(&mut connection, BUSY_TIMEOUT).await;
        restored.map_err(&failed)?;
        let (is_busy, _, _): (i64, i64, i64) = emptied.map_err(&failed)?;
        Ok(is_busy == 0)
    }

    async fn guard(&self) -> Result<(), StoreError> {
        let connection = self.writer.acquire().await;
        let mut connection = connection.map_err(while_doing("looking at the files"))?;
        self.check_files(&mut connection).await
    }

    async fn close(&self) {
        // The last connection removes the journal, which a reader cannot.
        self.readers.close().await;
        self.writer.close().await;
    }
}

async fn set_busy_timeout(
    connection: &mut SqliteConnection,
    time: Duration,
) -> Result<(), sqlx::Error> {
    let sql = format!("PRAGMA busy_timeout = {}", time.as_millis());
    let set = sqlx::query(AssertSqlSafe(sql)).execute(connection).await;
    set.map(|_| ())
}
