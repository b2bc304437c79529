//! Shared statements of retention.

use async_trait::async_trait;

use super::session::{Bind, Columns, ReaderPool, Session};
use crate::error::StoreError;
use crate::retention::database::{ChainAge, RetentionReader};

/// A day in milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1000;

/// A number that is missing when nothing was found.
type Found = Option<i64>;

#[async_trait]
impl<P> RetentionReader for P
where
    P: ReaderPool,
    i64: Bind<P::Sql>,
    (Found, Found, i64): Columns<P::Sql>,
    (i64, i64, Found, Found): Columns<P::Sql>,
{
    async fn expired(&self, before: i64) -> Result<ChainAge, StoreError> {
        let doing = "looking for explanations that are too old";
        let mut reader = self.reader().await?;
        let query = sqlx::query_as(
            "SELECT (SELECT noted_at FROM retention_clock), \
             (SELECT max(created_at) FROM entries WHERE created_at IS NOT NULL AND kind = 'explanation'), \
             (SELECT count(*) FROM entries WHERE created_at < $1 AND kind = 'explanation')",
        )
        .bind(before);
        let (noted_at, youngest, expired): (Found, Found, i64) =
            reader.fetch_one(doing, query).await?;
        let found = ChainAge {
            expired: expired.cast_unsigned(),
            youngest,
            noted_at,
            ..ChainAge::default()
        };
        if expired == 0 {
            return Ok(found);
        }
        // A look at all entries: only when some are erased.
        let query = sqlx::query_as(
            "SELECT count(*), count(CASE WHEN created_at < $1 THEN 1 END), \
             max(CASE WHEN created_at < $1 THEN sequence END), min(CASE WHEN created_at >= $2 THEN sequence END) \
             FROM entries WHERE created_at IS NOT NULL AND kind = 'explanation'",
        )
        .bind(before)
        .bind(before.saturating_add(DAY));
        let (all, expired, last_expired, first_young): (i64, i64, Found, Found) =
            reader.fetch_one(doing, query).await?;
        Ok(ChainAge {
            expired: expired.cast_unsigned(),
            all: all.cast_unsigned(),
            last_expired,
            first_young,
            ..found
        })
    }
}

/// Notes the clock.
pub(crate) async fn note_clock<S>(
    session: &mut S,
    moment: i64,
    confirmed: bool,
) -> Result<(), StoreError>
where
    S: Session,
    i64: Bind<S::Sql>,
{
    let confirmed = i64::from(confirmed);
    let query = sqlx::query(
        "INSERT INTO retention_clock (id, noted_at) VALUES (1, $1) ON CONFLICT (id) DO UPDATE \
         SET noted_at = excluded.noted_at WHERE retention_clock.noted_at < excluded.noted_at OR $2 = 1",
    )
    .bind(moment)
    .bind(confirmed);
    session.execute("noting the clock", query).await?;
    Ok(())
}
