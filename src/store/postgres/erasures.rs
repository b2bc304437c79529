//! Which customers were erased lately, for what was under way meanwhile.

use jiff::{SignedDuration, Timestamp};
use sqlx::postgres::PgConnection;

use super::connection::within;
use super::{Postgres, PostgresTransaction};
use crate::admission::Admission;
use crate::bucket::bucket;
use crate::entry::milliseconds;
use crate::error::StoreError;

/// No request is under way for longer.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

impl Postgres {
    pub(crate) async fn admit(&self) -> Result<Admission, StoreError> {
        let mut reader = self.reader().await?;
        let last = last_erasure(&mut reader).await?;
        reader.give_back();
        Ok(last)
    }
}

impl PostgresTransaction {
    pub(crate) async fn note_erasure(
        &mut self,
        customer_id: &str,
        moment: Timestamp,
    ) -> Result<(), StoreError> {
        let doing = "noting an erasure";
        let connection = self.settled().await?;
        let noting = sqlx::query(
            "INSERT INTO customer_erasures (customer_bucket, number, erased_at) \
             SELECT $1, coalesce(max(number), 0) + 1, $2 FROM customer_erasures \
             ON CONFLICT (customer_bucket) DO UPDATE \
             SET number = excluded.number, erased_at = excluded.erased_at",
        )
        .bind(bucket(customer_id))
        .bind(milliseconds(moment))
        .execute(&mut *connection);
        within(doing, noting).await?;
        // The one just noted stays, so that the numbers go on.
        let forgetting = sqlx::query("DELETE FROM customer_erasures WHERE erased_at < $1")
            .bind(milliseconds(moment - REMEMBERED))
            .execute(connection);
        within(doing, forgetting).await?;
        Ok(())
    }

    /// The admission of what begins in this transaction.
    pub(super) async fn admit(&mut self) -> Result<Admission, StoreError> {
        last_erasure(self.settled().await?).await
    }
}

async fn last_erasure(connection: &mut PgConnection) -> Result<Admission, StoreError> {
    let asked = sqlx::query_scalar("SELECT coalesce(max(number), 0) FROM customer_erasures");
    let asked = asked.fetch_one(connection);
    let erasure: i64 = within("looking for the last erasure", asked).await?;
    Ok(Admission { erasure })
}
