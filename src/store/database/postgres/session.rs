//! Statements on a connection of PostgreSQL, each within the time limit and without a name (see `begin`).

use sqlx::postgres::{PgArguments, PgConnection};
use sqlx::query::{Query, QueryAs};

use super::begin;
use super::pooled_connection::PooledConnection;
use super::time_limit::within;
use super::transaction::PostgresTransaction;
use crate::database::shared::session::{Columns, Session};
use crate::error::StoreError;

impl Session for PgConnection {
    type Sql = sqlx::Postgres;

    async fn execute(
        &mut self,
        doing: &'static str,
        query: Query<'_, sqlx::Postgres, PgArguments>,
    ) -> Result<u64, StoreError> {
        let done = within(doing, query.persistent(false).execute(self)).await?;
        Ok(done.rows_affected())
    }

    async fn fetch_optional<R: Columns<sqlx::Postgres>>(
        &mut self,
        doing: &'static str,
        query: QueryAs<'_, sqlx::Postgres, R, PgArguments>,
    ) -> Result<Option<R>, StoreError> {
        within(doing, query.persistent(false).fetch_optional(self)).await
    }

    async fn fetch_all<R: Columns<sqlx::Postgres>>(
        &mut self,
        doing: &'static str,
        query: QueryAs<'_, sqlx::Postgres, R, PgArguments>,
    ) -> Result<Vec<R>, StoreError> {
        within(doing, query.persistent(false).fetch_all(self)).await
    }
}

/// A connection for reading. Each statement has a transaction of its own.
pub(crate) struct PostgresReader(pub(super) PooledConnection);

impl PostgresReader {
    async fn begin(&mut self, doing: &'static str) -> Result<(), StoreError> {
        self.0.set_idle(false);
        let beginning = sqlx::raw_sql(begin::READING).execute(&mut *self.0);
        within(doing, beginning).await?;
        Ok(())
    }

    async fn end(&mut self, doing: &'static str) -> Result<(), StoreError> {
        within(doing, sqlx::raw_sql("COMMIT").execute(&mut *self.0)).await?;
        self.0.set_idle(true);
        Ok(())
    }
}

impl Session for PostgresReader {
    type Sql = sqlx::Postgres;

    async fn execute(
        &mut self,
        doing: &'static str,
        query: Query<'_, sqlx::Postgres, PgArguments>,
    ) -> Result<u64, StoreError> {
        self.begin(doing).await?;
        let changed = (*self.0).execute(doing, query).await?;
        self.end(doing).await?;
        Ok(changed)
    }

    async fn fetch_optional<R: Columns<sqlx::Postgres>>(
        &mut self,
        doing: &'static str,
        query: QueryAs<'_, sqlx::Postgres, R, PgArguments>,
    ) -> Result<Option<R>, StoreError> {
        self.begin(doing).await?;
        let row = (*self.0).fetch_optional(doing, query).await?;
        self.end(doing).await?;
        Ok(row)
    }

    async fn fetch_all<R: Columns<sqlx::Postgres>>(
        &mut self,
        doing: &'static str,
        query: QueryAs<'_, sqlx::Postgres, R, PgArguments>,
    ) -> Result<Vec<R>, StoreError> {
        self.begin(doing).await?;
        let rows = (*self.0).fetch_all(doing, query).await?;
        self.end(doing).await?;
        Ok(rows)
    }
}

impl Session for PostgresTransaction {
    type Sql = sqlx::Postgres;

    async fn execute(
        &mut self,
        doing: &'static str,
        query: Query<'_, sqlx::Postgres, PgArguments>,
    ) -> Result<u64, StoreError> {
        self.flushed().await?.execute(doing, query).await
    }

    async fn fetch_optional<R: Columns<sqlx::Postgres>>(
        &mut self,
        doing: &'static str,
        query: QueryAs<'_, sqlx::Postgres, R, PgArguments>,
    ) -> Result<Option<R>, StoreError> {
        self.flushed().await?.fetch_optional(doing, query).await
    }

    async fn fetch_all<R: Columns<sqlx::Postgres>>(
        &mut self,
        doing: &'static str,
        query: QueryAs<'_, sqlx::Postgres, R, PgArguments>,
    ) -> Result<Vec<R>, StoreError> {
        self.flushed().await?.fetch_all(doing, query).await
    }
}
