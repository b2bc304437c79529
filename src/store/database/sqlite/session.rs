//! Statements on a connection of SQLite, which has its own time limit.

use sqlx::pool::PoolConnection;
use sqlx::query::{Query, QueryAs};
use sqlx::sqlite::SqliteArguments;

use super::transaction::SqliteTransaction;
use crate::database::shared::session::{Columns, Session};
use crate::error::{StoreError, while_doing};

impl Session for PoolConnection<sqlx::Sqlite> {
    type Sql = sqlx::Sqlite;

    async fn execute(
        &mut self,
        doing: &'static str,
        query: Query<'_, sqlx::Sqlite, SqliteArguments>,
    ) -> Result<u64, StoreError> {
        let done = query.execute(&mut **self).await;
        Ok(done.map_err(while_doing(doing))?.rows_affected())
    }

    async fn fetch_optional<R: Columns<sqlx::Sqlite>>(
        &mut self,
        doing: &'static str,
        query: QueryAs<'_, sqlx::Sqlite, R, SqliteArguments>,
    ) -> Result<Option<R>, StoreError> {
        let row = query.fetch_optional(&mut **self).await;
        row.map_err(while_doing(doing))
    }

    async fn fetch_all<R: Columns<sqlx::Sqlite>>(
        &mut self,
        doing: &'static str,
        query: QueryAs<'_, sqlx::Sqlite, R, SqliteArguments>,
    ) -> Result<Vec<R>, StoreError> {
        let rows = query.fetch_all(&mut **self).await;
        rows.map_err(while_doing(doing))
    }
}

impl Session for SqliteTransaction {
    type Sql = sqlx::Sqlite;

    async fn execute(
        &mut self,
        doing: &'static str,
        query: Query<'_, sqlx::Sqlite, SqliteArguments>,
    ) -> Result<u64, StoreError> {
        self.connection.execute(doing, query).await
    }

    async fn fetch_optional<R: Columns<sqlx::Sqlite>>(
        &mut self,
        doing: &'static str,
        query: QueryAs<'_, sqlx::Sqlite, R, SqliteArguments>,
    ) -> Result<Option<R>, StoreError> {
        self.connection.fetch_optional(doing, query).await
    }

    async fn fetch_all<R: Columns<sqlx::Sqlite>>(
        &mut self,
        doing: &'static str,
        query: QueryAs<'_, sqlx::Sqlite, R, SqliteArguments>,
    ) -> Result<Vec<R>, StoreError> {
        self.connection.fetch_all(doing, query).await
    }
}
