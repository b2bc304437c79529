//! Sessions: connections that run statements within the time limits of their database, and with its errors.

use sqlx::query::{Query, QueryAs};
use sqlx::{Encode, FromRow, Type};

use crate::error::{StoreError, while_doing};

/// A value that can be bound to a statement of a database.
pub(crate) trait Bind<D: sqlx::Database>: for<'v> Encode<'v, D> + Type<D> {}

impl<D: sqlx::Database, T: for<'v> Encode<'v, D> + Type<D>> Bind<D> for T {}

/// A tuple that can be read from a row of a database.
pub(crate) trait Columns<D: sqlx::Database>:
    for<'r> FromRow<'r, D::Row> + Send + Unpin
{
}

impl<D: sqlx::Database, T: for<'r> FromRow<'r, D::Row> + Send + Unpin> Columns<D> for T {}

/// Parameters of a statement in a session.
pub(crate) type Parameters<S> = <<S as Session>::Sql as sqlx::Database>::Arguments;

/// A connection that runs statements. `doing` names the statement in errors.
pub(crate) trait Session: Send {
    /// The database of the connection.
    type Sql: sqlx::Database;

    /// Runs a statement; returns the number of rows that it changed.
    fn execute(
        &mut self,
        doing: &'static str,
        query: Query<'_, Self::Sql, Parameters<Self>>,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// The first row of a query.
    fn fetch_optional<R: Columns<Self::Sql>>(
        &mut self,
        doing: &'static str,
        query: QueryAs<'_, Self::Sql, R, Parameters<Self>>,
    ) -> impl Future<Output = Result<Option<R>, StoreError>> + Send;

    /// All rows of a query.
    fn fetch_all<R: Columns<Self::Sql>>(
        &mut self,
        doing: &'static str,
        query: QueryAs<'_, Self::Sql, R, Parameters<Self>>,
    ) -> impl Future<Output = Result<Vec<R>, StoreError>> + Send;

    /// The first row of a query that has at least one.
    fn fetch_one<R: Columns<Self::Sql>>(
        &mut self,
        doing: &'static str,
        query: QueryAs<'_, Self::Sql, R, Parameters<Self>>,
    ) -> impl Future<Output = Result<R, StoreError>> + Send {
        async move {
            let row = self.fetch_optional(doing, query).await?;
            row.ok_or_else(|| while_doing(doing)(sqlx::Error::RowNotFound))
        }
    }
}

/// A database whose connections for reading are pooled.
pub(crate) trait ReaderPool: Send + Sync {
    /// The database of the connections.
    type Sql: sqlx::Database;
    /// A connection for reading.
    type Reader: Session<Sql = Self::Sql>;

    /// Takes a connection from the pool.
    fn reader(&self) -> impl Future<Output = Result<Self::Reader, StoreError>> + Send;
}
