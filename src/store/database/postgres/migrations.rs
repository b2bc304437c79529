//! Migrations of the tables in PostgreSQL.

use std::time::Duration;

use sqlx::migrate::{MigrateError, Migration};
use sqlx::postgres::PgConnection;
use tokio::time::timeout;

use super::begin;
use super::time_limit::{ANSWER_TIMEOUT, timed_out};
use crate::database::shared::migrations::migrator;

/// The migrations of `migrations/postgres`, in their order. One that was released never changes.
const MIGRATIONS: [(i64, &str, &str); 10] = [
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
    (
        3,
        "clock",
        include_str!("../../../../migrations/postgres/0003_clock.sql"),
    ),
    (
        4,
        "job callers",
        include_str!("../../../../migrations/postgres/0004_job_callers.sql"),
    ),
    (
        5,
        "tenants",
        include_str!("../../../../migrations/postgres/0005_tenants.sql"),
    ),
    (
        6,
        "idempotency",
        include_str!("../../../../migrations/postgres/0006_idempotency.sql"),
    ),
    (
        7,
        "customers",
        include_str!("../../../../migrations/postgres/0007_customers.sql"),
    ),
    (
        8,
        "append keys",
        include_str!("../../../../migrations/postgres/0008_append_keys.sql"),
    ),
    (
        9,
        "folds",
        include_str!("../../../../migrations/postgres/0009_folds.sql"),
    ),
    (
        10,
        "erased customers",
        include_str!("../../../../migrations/postgres/0010_erased_customers.sql"),
    ),
];

/// The table of the migrations that were applied, as `sqlx` has it.
const APPLIED: &str = "CREATE TABLE IF NOT EXISTS _sqlx_migrations (version BIGINT PRIMARY KEY, \
    description TEXT NOT NULL, installed_on TIMESTAMPTZ NOT NULL DEFAULT now(), success BOOLEAN NOT NULL, \
    checksum BYTEA NOT NULL, execution_time BIGINT NOT NULL)";

/// How long migrations may take: an index of many entries takes time.
const MIGRATION_TIMEOUT: Duration = Duration::from_mins(10);

/// Migrates the tables to the latest version, in one transaction. After an error it is left open.
///
/// The migrator of `sqlx` names its statements, and a pooler gives the session with these names to other programs.
pub(super) async fn migrate(connection: &mut PgConnection) -> Result<(), MigrateError> {
    let beginning = sqlx::raw_sql(begin::MIGRATING).execute(&mut *connection);
    in_time(ANSWER_TIMEOUT, async { Ok(beginning.await.map(|_| ())?) }).await?;
    in_time(MIGRATION_TIMEOUT, apply(connection)).await
}

async fn in_time(
    time: Duration,
    work: impl Future<Output = Result<(), MigrateError>>,
) -> Result<(), MigrateError> {
    let done = timeout(time, work).await;
    done.unwrap_or_else(|_| Err(MigrateError::Execute(timed_out())))
}

async fn apply(connection: &mut PgConnection) -> Result<(), MigrateError> {
    sqlx::raw_sql(APPLIED).execute(&mut *connection).await?;
    let query = sqlx::query_as("SELECT version, success, checksum FROM _sqlx_migrations");
    let applied: Vec<(i64, bool, Vec<u8>)> =
        query.persistent(false).fetch_all(&mut *connection).await?;
    let migrator = migrator(MIGRATIONS);
    for (version, is_complete, checksum) in &applied {
        let mut migrations = migrator.iter();
        let known = migrations.find(|migration| migration.version == *version);
        let known = known.ok_or(MigrateError::VersionMissing(*version))?;
        if !is_complete {
            return Err(MigrateError::Dirty(*version));
        }
        if *known.checksum != **checksum {
            return Err(MigrateError::VersionMismatch(*version));
        }
    }
    let is_new = |migration: &&Migration| {
        let mut versions = applied.iter().map(|(version, ..)| *version);
        versions.all(|version| version != migration.version)
    };
    for migration in migrator.iter().filter(is_new) {
        let failed = |error| MigrateError::ExecuteMigration(error, migration.version);
        let migrating = sqlx::raw_sql(migration.sql.clone()).execute(&mut *connection);
        migrating.await.map_err(failed)?;
        let noting = sqlx::query(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             VALUES ($1, $2, TRUE, $3, -1)",
        )
        .bind(migration.version)
        .bind(&*migration.description)
        .bind(&*migration.checksum)
        .persistent(false);
        noting.execute(&mut *connection).await?;
    }
    sqlx::raw_sql("COMMIT").execute(&mut *connection).await?;
    Ok(())
}
