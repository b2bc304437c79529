//! Migrations of the tables, compiled into the program.

use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

/// A migrator of numbered migrations (number, name, SQL) in their order.
pub(crate) fn migrator<const N: usize>(
    migrations: [(i64, &'static str, &'static str); N],
) -> Migrator {
    let migrations = migrations.map(|(version, name, sql)| {
        let sql = sql.into_sql_str();
        Migration::new(version, name.into(), MigrationType::Simple, sql, false)
    });
    Migrator::with_migrations(migrations.into())
}
