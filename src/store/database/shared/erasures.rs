//! Shared statements of erasures.

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::QueryBuilder;

use super::session::{Bind, Columns, ReaderPool, Session};
use crate::admitted_at::AdmittedAt;
use crate::customer_bucket::bucket_of;
use crate::erasures::database::{ErasureReader, RETENTION};
use crate::erasures::selection::{SLICE, Selection};
use crate::error::StoreError;
use crate::records::entry::Tombstone;
use crate::timestamp::milliseconds;

#[async_trait]
impl<P> ErasureReader for P
where
    P: ReaderPool,
    (Option<i64>,): Columns<P::Sql>,
{
    async fn admit(&self) -> Result<AdmittedAt, StoreError> {
        last_erasure(&mut self.reader().await?).await
    }
}

/// The position of a request that begins now, among the erasures of customers.
pub(crate) async fn last_erasure<S>(session: &mut S) -> Result<AdmittedAt, StoreError>
where
    S: Session,
    (Option<i64>,): Columns<S::Sql>,
{
    let query = sqlx::query_as("SELECT max(number) FROM customer_erasures");
    let (last,): (Option<i64>,) = session
        .fetch_one("looking for the last erasure", query)
        .await?;
    Ok(AdmittedAt {
        erasure: last.unwrap_or(0),
    })
}

/// Deletes notes of erasures that are older than [`RETENTION`].
pub(crate) async fn expire_erasures<S>(session: &mut S, moment: Timestamp) -> Result<(), StoreError>
where
    S: Session,
    i64: Bind<S::Sql>,
{
    let query = sqlx::query("DELETE FROM customer_erasures WHERE erased_at < $1")
        .bind(milliseconds(moment - RETENTION));
    session.execute("noting an erasure", query).await?;
    Ok(())
}

/// The selected explanations that are not yet erased, the oldest first.
pub(crate) async fn select_explanations<S>(
    session: &mut S,
    selection: &Selection,
) -> Result<Vec<Tombstone>, StoreError>
where
    S: Session,
    i64: Bind<S::Sql>,
    String: Bind<S::Sql>,
    (i64, String): Columns<S::Sql>,
{
    let mut query = QueryBuilder::new(
        "SELECT sequence, record_sha256 FROM entries JOIN contents USING (sequence) \
         WHERE kind = 'explanation' AND ",
    );
    push_condition(&mut query, selection);
    if let Selection::OlderThan(_) = selection {
        // In the order of the index: the beginning of the chain is tombstones only.
        query
            .push(" ORDER BY created_at LIMIT ")
            .push_bind(i64::try_from(SLICE).unwrap_or(i64::MAX));
    }
    let doing = "looking for what is to be erased";
    let rows = session.fetch_all(doing, query.build_query_as()).await?;
    Ok(Tombstone::from_rows(rows))
}

/// The numbers of the selected jobs that have no explanation. A job that is done is erased with its explanation.
pub(crate) async fn select_jobs<S>(
    session: &mut S,
    selection: &Selection,
) -> Result<Vec<i64>, StoreError>
where
    S: Session,
    i64: Bind<S::Sql>,
    String: Bind<S::Sql>,
    (i64,): Columns<S::Sql>,
{
    let mut query = QueryBuilder::new(
        "SELECT number FROM jobs JOIN job_contents USING (number) WHERE state <> 'done' AND ",
    );
    push_condition(&mut query, selection);
    let rows: Vec<(i64,)> = session
        .fetch_all("erasing jobs", query.build_query_as())
        .await?;
    Ok(rows.into_iter().map(|(number,)| number).collect())
}

/// Adds the condition that a row is selected: the same for explanations and for jobs.
pub(super) fn push_condition<D>(query: &mut QueryBuilder<D>, selection: &Selection)
where
    D: sqlx::Database,
    i64: Bind<D>,
    String: Bind<D>,
{
    match selection {
        Selection::Explanation { tenant, id } => query
            .push("id = ")
            .push_bind(id.to_string())
            .push(" AND tenant = ")
            .push_bind(tenant.to_string()),
        Selection::Customer { tenant, id } => query
            .push("customer_bucket = ")
            .push_bind(bucket_of(id))
            .push(" AND customer_id = ")
            .push_bind(id.clone())
            .push(" AND tenant = ")
            .push_bind(tenant.to_string()),
        Selection::OlderThan(moment) => query.push("created_at < ").push_bind(*moment),
    };
}
