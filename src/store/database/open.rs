//! Choice of the database by the scheme of its URL.

use std::sync::Arc;

use super::interface::Database;
use super::postgres::address::is_postgres;
use super::postgres::database::Postgres;
use super::postgres::snapshot::PostgresSnapshot;
use super::sqlite::database::Sqlite;
use super::sqlite::snapshot::SqliteSnapshot;
use crate::error::StoreError;
use crate::location::Location;
use crate::records::database::ChainSnapshot;

/// Opens a database and migrates its tables to the latest version. A missing file of SQLite is created.
pub(crate) async fn open_database(location: &Location) -> Result<Arc<dyn Database>, StoreError> {
    Ok(if is_postgres(&location.url) {
        Arc::new(Postgres::open(location).await?)
    } else {
        Arc::new(Sqlite::open(location).await?)
    })
}

/// Opens the chain of a database for reading only. Nothing is created or migrated.
pub(crate) async fn open_snapshot(
    location: &Location,
) -> Result<Box<dyn ChainSnapshot>, StoreError> {
    Ok(if is_postgres(&location.url) {
        Box::new(PostgresSnapshot::open(location).await?)
    } else {
        Box::new(SqliteSnapshot::open(location).await?)
    })
}
