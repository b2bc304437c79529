//! Statements on a connection of PostgreSQL, each within the time limit.

use sqlx::postgres::{PgArguments, PgConnection};
use sqlx::query::{Query, QueryAs};

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
        let done = within(doing, query.execute(self)).await?;
        Ok(done.rows_affected())
    }

    async fn fetch_optional<R: Columns<sqlx::Postgres>>(
        &mut self,
        doing: &'static str,
        query: QueryAs<'_, sqlx::Postgres, R, PgArguments>,
    ) -> Result<Option<R>, StoreError> {
        within(doing, query.fetch_optional(self)).await
    }

    async fn fetch_all<R: Columns<sqlx::Postgres>>(
        &mut self,
        doing: &'static str,
        query: QueryAs<'_, sqlx::Postgres, R, PgArguments>,
    ) -> Result<Vec<R>, StoreError> {
        within(doing, query.fetch_all(self)).await
    }
}

/// A connection for statements outside of a transaction.
pub(crate) struct PostgresReader(pub(super) PooledConnection);

impl Session for PostgresReader {
    type Sql = sqlx::Postgres;

    async fn execute(
        &mut self,
        doing: &'static str,
        query: Query<'_, sqlx::Postgres, PgArguments>,
    ) -> Result<u64, StoreError> {
        self.0.set_idle(false);
        let changed = (*self.0).execute(doing, query).await?;
        self.0.set_idle(true);
        Ok(changed)
    }

    async fn fetch_optional<R: Columns<sqlx::Postgres>>(
        &mut self,
        doing: &'static str,
        query: QueryAs<'_, sqlx::Postgres, R, PgArguments>,
    ) -> Result<Option<R>, StoreError> {
        self.0.set_idle(false);
        let row = (*self.0).fetch_optional(doing, query).await?;
        self.0.set_idle(true);
        Ok(row)
    }

    async fn fetch_all<R: Columns<sqlx::Postgres>>(
        &mut self,
        doing: &'static str,
        query: QueryAs<'_, sqlx::Postgres, R, PgArguments>,
    ) -> Result<Vec<R>, StoreError> {
        self.0.set_idle(false);
        let rows = (*self.0).fetch_all(doing, query).await?;
        self.0.set_idle(true);
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
