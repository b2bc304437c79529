//! Page of the customers that a statement finds before a moment.

use super::session::{Bind, Columns, ReaderPool, Session};
use crate::customers::fold_database::Aged;
use crate::error::StoreError;

/// The customers that a statement finds before a moment (`$1`), behind a number (`$2`), and at most so many (`$3`).
pub(super) async fn aged<P>(
    pool: &P,
    (doing, statement): (&'static str, &'static str),
    (moment, after, limit): (i64, i64, usize),
) -> Result<Vec<Aged>, StoreError>
where
    P: ReaderPool,
    i64: Bind<P::Sql>,
    (i64, String, String): Columns<P::Sql>,
{
    let mut reader = pool.reader().await?;
    let query = sqlx::query_as(statement)
        .bind(moment)
        .bind(after)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX));
    let rows: Vec<(i64, String, String)> = reader.fetch_all(doing, query).await?;
    Ok(rows.into_iter().map(Aged::of).collect())
}
