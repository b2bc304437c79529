//! Shared statements of the age of kept customers, and of erased ones.

use async_trait::async_trait;

use super::aged::aged;
use super::session::{Bind, Columns, ReaderPool, Session};
use crate::customers::age_database::{CustomerAgeReader, CustomerAgeTransaction};
use crate::customers::fold_database::Aged;
use crate::error::StoreError;
use crate::retention::database::ChainAge;

#[async_trait]
impl<P> CustomerAgeReader for P
where
    P: ReaderPool,
    i64: Bind<P::Sql>,
    (i64,): Columns<P::Sql>,
    (i64, i64, Option<i64>, Option<i64>): Columns<P::Sql>,
    (i64, String, String): Columns<P::Sql>,
{
    async fn customers_expired(&self, before: i64) -> Result<ChainAge, StoreError> {
        let mut reader = self.reader().await?;
        let query = sqlx::query_as(
            "SELECT (SELECT count(*) FROM customers WHERE changed_at < $1), (SELECT count(*) FROM customers), \
             (SELECT max(changed_at) FROM customers), (SELECT noted_at FROM retention_clock)",
        )
        .bind(before);
        let (expired, all, youngest, noted_at): (i64, i64, Option<i64>, Option<i64>) = reader
            .fetch_one("looking for customers that are too old", query)
            .await?;
        Ok(ChainAge {
            expired: expired.cast_unsigned(),
            all: all.cast_unsigned(),
            youngest,
            noted_at,
            ..ChainAge::default()
        })
    }

    async fn unchanged(
        &self,
        before: i64,
        after: i64,
        limit: usize,
    ) -> Result<Vec<Aged>, StoreError> {
        let statement = "SELECT number, tenant, customer_id FROM customers JOIN customer_contents USING (number) \
                         WHERE changed_at < $1 AND number > $2 ORDER BY number LIMIT $3";
        let doing = "looking for customers that are too old";
        aged(self, (doing, statement), (before, after, limit)).await
    }

    async fn count_approximate(&self) -> Result<u64, StoreError> {
        let mut reader = self.reader().await?;
        let query =
            sqlx::query_as("SELECT count(*) FROM customers WHERE approximate_since IS NOT NULL");
        let (count,): (i64,) = reader.fetch_one("counting customers", query).await?;
        Ok(count.cast_unsigned())
    }
}

#[async_trait]
impl<S> CustomerAgeTransaction for S
where
    S: Session,
    i64: Bind<S::Sql>,
    String: Bind<S::Sql>,
    (i64,): Columns<S::Sql>,
{
    async fn is_unchanged(&mut self, number: i64, before: i64) -> Result<bool, StoreError> {
        let query =
            sqlx::query_as("SELECT count(*) FROM customers WHERE number = $1 AND changed_at < $2")
                .bind(number)
                .bind(before);
        let (count,): (i64,) = self.fetch_one("looking at a customer", query).await?;
        Ok(count > 0)
    }

    async fn remember_erased(&mut self, digest: &str, moment: i64) -> Result<(), StoreError> {
        let query = sqlx::query(
            "INSERT INTO erased_customers (customer_sha256, erased_at) VALUES ($1, $2) \
             ON CONFLICT (customer_sha256) DO UPDATE SET erased_at = excluded.erased_at",
        )
        .bind(digest.to_owned())
        .bind(moment);
        self.execute("noting an erased customer", query).await?;
        Ok(())
    }

    async fn is_remembered(&mut self, digest: &str) -> Result<bool, StoreError> {
        let query =
            sqlx::query_as("SELECT count(*) FROM erased_customers WHERE customer_sha256 = $1")
                .bind(digest.to_owned());
        let (count,): (i64,) = self
            .fetch_one("looking for an erased customer", query)
            .await?;
        Ok(count > 0)
    }

    async fn forget_erased(&mut self, digest: &str) -> Result<(), StoreError> {
        let query = sqlx::query("DELETE FROM erased_customers WHERE customer_sha256 = $1")
            .bind(digest.to_owned());
        self.execute("forgetting an erased customer", query).await?;
        Ok(())
    }
}
