//! Migrations of the tables in PostgreSQL.

use sqlx::Connection;
use sqlx::migrate::MigrateError;
use sqlx::postgres::PgConnection;

use crate::database::shared::migrations::migrator;

/// The migrations of `migrations/postgres`, in their order. One that was released never changes.
const MIGRATIONS: [(i64, &str, &str); 2] = [
    (
        1,
        "records",
        include_str!("../../../../migrations/postgres/0001_records.sql"),
    ),
    (
        2,
        "summaries",
        include_str!("../../../../migrations/postgres/0002_summaries.sql"),
    ),
];

/// Migrates the tables to the latest version.
pub(super) async fn migrate(connection: &mut PgConnection) -> Result<(), MigrateError> {
    // In one transaction, and one after the other: another server may be opening the same new database.
    let mut transaction = connection
        .begin_with("BEGIN; SELECT pg_advisory_xact_lock(hashtext('microseg migrations'))")
        .await?;
    let connection: &mut PgConnection = &mut transaction;
    let mut migrator = migrator(MIGRATIONS);
    migrator.set_locking(false);
    migrator.run_direct(None, connection, false).await?;
    Ok(transaction.commit().await?)
}
