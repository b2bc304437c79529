//! Migrations of the tables in SQLite.

use sqlx::SqliteConnection;
use sqlx::migrate::MigrateError;
use sqlx::sqlite::SqlitePool;

use crate::database::shared::migrations::migrator;

/// The migrations of `migrations/sqlite`, in their order. One that was released never changes.
const MIGRATIONS: [(i64, &str, &str); 11] = [
    (
        1,
        "records",
        include_str!("../../../../migrations/sqlite/0001_records.sql"),
    ),
    (
        2,
        "leases",
        include_str!("../../../../migrations/sqlite/0002_leases.sql"),
    ),
    (
        3,
        "summaries",
        include_str!("../../../../migrations/sqlite/0003_summaries.sql"),
    ),
    (
        4,
        "clock",
        include_str!("../../../../migrations/sqlite/0004_clock.sql"),
    ),
    (
        5,
        "job callers",
        include_str!("../../../../migrations/sqlite/0005_job_callers.sql"),
    ),
    (
        6,
        "tenants",
        include_str!("../../../../migrations/sqlite/0006_tenants.sql"),
    ),
    (
        7,
        "idempotency",
        include_str!("../../../../migrations/sqlite/0007_idempotency.sql"),
    ),
    (
        8,
        "customers",
        include_str!("../../../../migrations/sqlite/0008_customers.sql"),
    ),
    (
        9,
        "append keys",
        include_str!("../../../../migrations/sqlite/0009_append_keys.sql"),
    ),
    (
        10,
        "folds",
        include_str!("../../../../migrations/sqlite/0010_folds.sql"),
    ),
    (
        11,
        "erased customers",
        include_str!("../../../../migrations/sqlite/0011_erased_customers.sql"),
    ),
];

/// Migrates the tables to the latest version.
pub(super) async fn migrate(pool: &SqlitePool) -> Result<(), MigrateError> {
    // In one transaction: another process may be opening the same new file.
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    let connection: &mut SqliteConnection = &mut transaction;
    migrator(MIGRATIONS)
        .run_direct(None, connection, false)
        .await?;
    Ok(transaction.commit().await?)
}
