//! Which customers were erased lately, for what was under way meanwhile.

use jiff::{SignedDuration, Timestamp};

use super::{Sqlite, SqliteTransaction};
use crate::admission::Admission;
use crate::bucket::bucket;
use crate::entry::milliseconds;
use crate::error::{StoreError, while_doing};

/// No request is under way for longer.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

impl Sqlite {
    pub(crate) async fn admit(&self) -> Result<Admission, StoreError> {
        last_erasure(&mut *self.reader().await?).await
    }
}

impl SqliteTransaction {
    pub(crate) async fn note_erasure(
        &mut self,
        customer_id: &str,
        moment: Timestamp,
    ) -> Result<(), StoreError> {
        let failed = while_doing("noting an erasure");
        let last = last_erasure(&mut self.connection).await?;
        sqlx::query(
            "INSERT OR REPLACE INTO customer_erasures (customer_bucket, number, erased_at) \
             VALUES (?, ?, ?)",
        )
        .bind(bucket(customer_id))
        .bind(last.erasure.saturating_add(1))
        .bind(milliseconds(moment))
        .execute(&mut *self.connection)
        .await
        .map_err(&failed)?;
        // The one just noted stays, so that the numbers go on.
        sqlx::query("DELETE FROM customer_erasures WHERE erased_at < ?")
            .bind(milliseconds(moment - REMEMBERED))
            .execute(&mut *self.connection)
            .await
            .map_err(&failed)?;
        Ok(())
    }

    pub(super) async fn is_erased_since(
        &mut self,
        customer_id: &str,
        admitted: Admission,
    ) -> Result<bool, StoreError> {
        sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM customer_erasures \
             WHERE customer_bucket = ? AND number > ?)",
        )
        .bind(bucket(customer_id))
        .bind(admitted.erasure)
        .fetch_one(&mut *self.connection)
        .await
        .map_err(while_doing("looking for an erasure"))
    }

    /// The admission of what begins in this transaction.
    pub(super) async fn admit(&mut self) -> Result<Admission, StoreError> {
        last_erasure(&mut self.connection).await
    }
}

async fn last_erasure(connection: &mut sqlx::SqliteConnection) -> Result<Admission, StoreError> {
    let last: Option<i64> = sqlx::query_scalar("SELECT max(number) FROM customer_erasures")
        .fetch_one(connection)
        .await
        .map_err(while_doing("looking for the last erasure"))?;
    Ok(Admission {
        erasure: last.unwrap_or(0),
    })
}
