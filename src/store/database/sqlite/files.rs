//! Files of an open database, watched: SQLite goes on writing into a file that was deleted, and past the end of one that
//! was cut. What is written there is lost at the end of the process.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use parking_lot::Mutex;
use sqlx::SqliteConnection;

use super::anchor::with_suffix;
use crate::error::{StoreError, while_doing};

/// The bytes of the journal's head.
const JOURNAL_HEAD: u64 = 32;
/// The bytes before each page in the journal.
const FRAME_HEAD: u64 = 24;
/// How often a length is read again before the file counts as cut: another process may be emptying the journal.
const LOOKS: usize = 5;

/// The files of a database: itself, its journal and the index of the journal.
#[derive(Debug)]
pub(super) struct WatchedFiles {
    files: [(PathBuf, FileIdentity); 3],
    page_size: u64,
    known: Mutex<KnownLength>,
}

/// The length of the database's file when it was last seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct KnownLength {
    bytes: u64,
    /// How often the database was shortened by a server (its `user_version`).
    shortenings: i64,
}

/// Identity of a file, which another file with its name does not share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct FileIdentity {
    device: u64,
    inode: u64,
}

impl FileIdentity {
    fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
        }
    }
}

impl WatchedFiles {
    /// Notes the files of an open database. `connection` has read from it, so that all of them exist.
    pub(super) async fn note(
        database: &Path,
        connection: &mut SqliteConnection,
    ) -> Result<Self, StoreError> {
        let noted = |path: PathBuf| {
            let metadata = std::fs::metadata(&path);
            let metadata =
                metadata.map_err(|error| while_doing("noting the files")(error.into()))?;
            Ok::<_, StoreError>((path, FileIdentity::of(&metadata)))
        };
        let files = [
            noted(database.to_owned())?,
            noted(with_suffix(database, "-wal"))?,
            noted(with_suffix(database, "-shm"))?,
        ];
        let page_size = scalar(connection, "PRAGMA page_size").await?;
        let known = KnownLength {
            bytes: length(&files[0].0),
            shortenings: scalar(connection, SHORTENINGS).await?,
        };
        Ok(Self {
            files,
            page_size: page_size.unsigned_abs(),
            known: Mutex::new(known),
        })
    }

    /// Checks that no file was deleted or replaced, and none is shorter than the database needs.
    ///
    /// # Errors
    /// [`StoreError::Replaced`] and [`StoreError::Cut`].
    pub(super) async fn check(&self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        self.check_identities()?;
        self.check_journal(connection).await?;
        self.check_length(connection).await
    }

    /// Checks that no file was deleted or replaced.
    ///
    /// # Errors
    /// [`StoreError::Replaced`].
    pub(super) fn check_identities(&self) -> Result<(), StoreError> {
        let replaced = self.files.iter().find(|(path, identity)| {
            let metadata = std::fs::metadata(path).ok();
            metadata.map(|metadata| FileIdentity::of(&metadata)) != Some(*identity)
        });
        match replaced {
            Some((path, _)) => Err(StoreError::Replaced {
                database: path.display().to_string(),
            }),
            None => Ok(()),
        }
    }

    /// Whether the journal can be moved into the database, which is still the same file: the journal was deleted, and no
    /// other one is in its place.
    pub(super) fn is_journal_alone_gone(&self) -> bool {
        let [(database, identity), (journal, _), _] = &self.files;
        let is_same = std::fs::metadata(database)
            .is_ok_and(|metadata| FileIdentity::of(&metadata) == *identity);
        is_same && matches!(journal.try_exists(), Ok(false))
    }

    /// Checks that the journal has all pages that its index counts.
    async fn check_journal(&self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        let (journal, _) = &self.files[1];
        for _ in 0..LOOKS {
            let counted = sqlx::query_as("PRAGMA wal_checkpoint(NOOP)")
                .fetch_one(&mut *connection)
                .await;
            let (_, pages, _): (i64, i64, i64) =
                counted.map_err(while_doing("looking at the journal"))?;
            let pages = u64::try_from(pages).unwrap_or(0);
            // After the count: pages are only added meanwhile, or all are removed and the next count is 0.
            let needed = match pages {
                0 => 0,
                pages => JOURNAL_HEAD + pages * (FRAME_HEAD + self.page_size),
            };
            if length(journal) >= needed {
                return Ok(());
            }
        }
        Err(cut(journal))
    }

    /// Checks that the database's file was not shortened, except by a server.
    async fn check_length(&self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        let (database, _) = &self.files[0];
        let bytes = length(database);
        let before = *self.known.lock();
        if bytes >= before.bytes {
            self.known.lock().bytes = bytes;
            return Ok(());
        }
        let shortenings = scalar(connection, SHORTENINGS).await?;
        if shortenings == before.shortenings {
            return Err(cut(database));
        }
        *self.known.lock() = KnownLength { bytes, shortenings };
        Ok(())
    }
}

/// How often a server has shortened the database's file. Counted in the transaction that does it.
const SHORTENINGS: &str = "PRAGMA user_version";

async fn scalar(
    connection: &mut SqliteConnection,
    pragma: &'static str,
) -> Result<i64, StoreError> {
    let value = sqlx::query_scalar(pragma).fetch_one(connection).await;
    value.map_err(while_doing("looking at the database"))
}

/// The length of a file in bytes; 0 when there is none.
fn length(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |metadata| metadata.len())
}

fn cut(path: &Path) -> StoreError {
    StoreError::Cut {
        database: path.display().to_string(),
    }
}
