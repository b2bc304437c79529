//! Open databases of SQLite.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteAutoVacuum, SqliteJournalMode, SqlitePool, SqliteSynchronous};
use sqlx::{AssertSqlSafe, SqliteConnection};

use super::address::Address;
use super::anchor::Anchor;
use super::database_file::{DatabaseFile, chain_lost};
use super::migrations::migrate;
use super::pool::{BUSY_TIMEOUT, connect_writer, pool};
use super::snapshot::SqliteSnapshot;
use super::transaction::SqliteTransaction;
use super::vacuum::give_back;
use crate::database::interface::{Database, Transaction};
use crate::database::shared::session::ReaderPool;
use crate::error::{StoreError, while_doing};
use crate::location::Location;
use crate::lock_name::LockName;
use crate::records::database::ChainSnapshot;

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
        let is_new = std::fs::metadata(path.as_deref().unwrap_or(Path::new("")))
            .is_ok_and(|metadata| metadata.len() == 0);
        // In a file that has tables it has no effect, and would be a write.
        let options = if is_new {
            options.auto_vacuum(SqliteAutoVacuum::Incremental)
        } else {
            options
        };
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

    /// Checks the files of the database.
    async fn check_files(&self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        match &self.file {
            Some(file) => file.check(connection).await,
            None => Ok(()),
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

    fn writers_beside(&self) -> usize {
        0
    }

    async fn begin_beside(
        &self,
        names: &[LockName],
    ) -> Result<(Box<dyn Transaction>, Vec<LockName>), StoreError> {
        Ok((self.begin().await?, names.to_vec()))
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
        self.check_files(&mut connection).await?;
        if give_back(&mut connection).await? {
            drop(connection);
            self.scrub().await?;
        }
        Ok(())
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
