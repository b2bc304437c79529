//! Choice of the database by the scheme of its URL.
//!
//! The futures are boxed: otherwise each crate that opens a store compiles the drivers of both databases again.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::interface::Database;
use super::postgres::address::is_postgres;
use super::postgres::database::Postgres;
use super::postgres::snapshot::PostgresSnapshot;
use super::sqlite::anchor::Anchor;
use super::sqlite::database::Sqlite;
use super::sqlite::snapshot::SqliteSnapshot;
use crate::error::StoreError;
use crate::location::Location;
use crate::records::database::ChainSnapshot;

/// Opens a database and migrates its tables to the latest version. A missing file of SQLite is created.
pub(crate) fn open_database(
    location: &Location,
) -> BoxFuture<'_, Result<Arc<dyn Database>, StoreError>> {
    Box::pin(async move {
        let database: Arc<dyn Database> = if is_postgres(&location.url) {
            Arc::new(Postgres::open(location).await?)
        } else {
            Arc::new(Sqlite::open(location).await?)
        };
        Ok(database)
    })
}

/// The hash of the last entry that was acknowledged, where it is noted beside the database. To be read before the chain.
pub(crate) fn noted_anchor(location: &Location) -> Result<Option<String>, StoreError> {
    if is_postgres(&location.url) {
        return Ok(None);
    }
    let Some(anchor) = Anchor::of(location)? else {
        return Ok(None);
    };
    let head = anchor.read().map_err(|error| StoreError::Open {
        database: anchor.path().display().to_string(),
        source: Arc::new(error.into()),
    })?;
    Ok(head.map(|head| head.sha256))
}

/// Opens the chain of a database for reading only. Nothing is created or migrated.
pub(crate) fn open_snapshot(
    location: &Location,
) -> BoxFuture<'_, Result<Box<dyn ChainSnapshot>, StoreError>> {
    Box::pin(async move {
        let snapshot: Box<dyn ChainSnapshot> = if is_postgres(&location.url) {
            Box::new(PostgresSnapshot::open(location).await?)
        } else {
            Box::new(SqliteSnapshot::open(location).await?)
        };
        Ok(snapshot)
    })
}
