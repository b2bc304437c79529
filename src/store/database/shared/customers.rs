//! Shared statements of kept customers.

use async_trait::async_trait;
use jiff::Timestamp;
use microseg_access::Tenant;
use sqlx::QueryBuilder;

use super::session::{Bind, Columns, ReaderPool, Session};
use crate::customer_bucket::bucket_of;
use crate::customers::customer::{
    CustomerFilter, KeptCustomer, KeptScoring, ListedCustomer, SegmentChange,
};
use crate::customers::database::{CustomerReader, CustomerTransaction, Growth, Unscored};
use crate::customers::transaction::KeptTransaction;
use crate::error::StoreError;
use crate::timestamp::milliseconds;

/// How many rows one statement adds or looks for: neither database takes more parameters than eight times as many.
const ROWS: usize = 2000;

/// The columns of a customer without its scoring.
type CustomerRow = (
    i64,
    i64,
    i64,
    i64,
    String,
    i64,
    Option<i64>,
    Option<i64>,
    i64,
    Option<i64>,
);

/// The columns of a customer's scoring.
type ScoringRow = (i64, String, String, Option<String>, Vec<u8>);

/// The columns of a change of a micro-segment.
type ChangeRow = (i64, i64, i64, String, Option<String>, Option<String>);

/// The columns of a customer in a list.
type ListedRow = (
    i64,
    String,
    i64,
    i64,
    Option<i64>,
    Option<String>,
    Option<String>,
);

const FIND: &str = "SELECT number, position, transactions, bytes, settings, \
    folded, folded_until, settled_until, late, approximate_since \
    FROM customers JOIN customer_contents USING (number) \
    WHERE customer_bucket = $1 AND tenant = $2 AND customer_id = $3";

const SCORING: &str = "SELECT scored_position, model, bundle_sha256, segment, scoring \
    FROM customers JOIN customer_contents USING (number) \
    WHERE number = $1 AND scored_position IS NOT NULL AND scoring IS NOT NULL";

/// In the order of an index that has no others.
const UNSCORED: &str = "SELECT number, tenant, customer_id \
    FROM customers JOIN customer_contents USING (number) WHERE number > $1 \
    AND (scored_position IS NULL OR scored_position <> position) ORDER BY number LIMIT $2";

const OUTDATED: &str = "SELECT number, tenant, customer_id \
    FROM customers JOIN customer_contents USING (number) WHERE number > $1 \
    AND (scored_position IS NULL OR scored_position <> position OR bundle_sha256 <> $3) ORDER BY number LIMIT $2";

#[async_trait]
impl<P> CustomerReader for P
where
    P: ReaderPool,
    i64: Bind<P::Sql>,
    String: Bind<P::Sql>,
    CustomerRow: Columns<P::Sql>,
    ScoringRow: Columns<P::Sql>,
    ListedRow: Columns<P::Sql>,
    ChangeRow: Columns<P::Sql>,
    (i64, String, String): Columns<P::Sql>,
{
    async fn customer(
        &self,
        tenant: &Tenant,
        customer_id: &str,
    ) -> Result<Option<KeptCustomer>, StoreError> {
        let mut reader = self.reader().await?;
        let Some(mut customer) = find(&mut reader, tenant, customer_id).await? else {
            return Ok(None);
        };
        let query = sqlx::query_as(SCORING).bind(customer.number);
        let scoring: Option<ScoringRow> = reader
            .fetch_optional("reading the scoring of a customer", query)
            .await?;
        customer.scoring =
            scoring.map(
                |(position, model, bundle_sha256, segment, document)| KeptScoring {
                    position: position.cast_unsigned(),
                    model,
                    bundle_sha256,
                    segment,
                    document,
                },
            );
        Ok(Some(customer))
    }

    async fn customers(
        &self,
        tenant: &Tenant,
        filter: &CustomerFilter,
        limit: usize,
    ) -> Result<Vec<ListedCustomer>, StoreError> {
        let mut query = QueryBuilder::new(
            "SELECT number, customer_id, position, transactions, scored_position, model, segment \
             FROM customers JOIN customer_contents USING (number) WHERE tenant = ",
        );
        query.push_bind(tenant.to_string());
        query.push(" AND number > ");
        // Nothing is behind a place beyond all numbers.
        query.push_bind(i64::try_from(filter.after.unwrap_or(0)).unwrap_or(i64::MAX));
        if let Some(model) = &filter.model {
            query.push(" AND model = ").push_bind(model.clone());
        }
        if let Some(segment) = &filter.segment {
            query.push(" AND segment = ").push_bind(segment.clone());
        }
        query.push(" ORDER BY number LIMIT ");
        query.push_bind(i64::try_from(limit).unwrap_or(i64::MAX));
        let mut reader = self.reader().await?;
        let rows: Vec<ListedRow> = reader
            .fetch_all("listing customers", query.build_query_as())
            .await?;
        Ok(rows.into_iter().map(listed).collect())
    }

    async fn segment_changes(
        &self,
        number: i64,
        after: u64,
        limit: usize,
    ) -> Result<Vec<SegmentChange>, StoreError> {
        let mut reader = self.reader().await?;
        let query = sqlx::query_as(
            "SELECT sequence, created_at, position, model, from_segment, to_segment FROM customer_events \
             WHERE number = $1 AND sequence > $2 ORDER BY sequence LIMIT $3",
        )
        .bind(number)
        .bind(i64::try_from(after).unwrap_or(i64::MAX))
        .bind(i64::try_from(limit).unwrap_or(i64::MAX));
        let rows: Vec<ChangeRow> = reader
            .fetch_all("reading changes of a micro-segment", query)
            .await?;
        Ok(rows.into_iter().map(change).collect())
    }

    async fn unscored(
        &self,
        bundle_sha256: Option<&str>,
        after: i64,
        limit: usize,
    ) -> Result<Vec<(i64, Unscored)>, StoreError> {
        let mut reader = self.reader().await?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let query = match bundle_sha256 {
            None => sqlx::query_as(UNSCORED).bind(after).bind(limit),
            Some(bundle) => sqlx::query_as(OUTDATED)
                .bind(after)
                .bind(limit)
                .bind(bundle.to_owned()),
        };
        let rows: Vec<(i64, String, String)> = reader
            .fetch_all("looking for customers without a scoring", query)
            .await?;
        let unscored = rows.into_iter().map(|(number, tenant, customer_id)| {
            (
                number,
                Unscored {
                    tenant,
                    customer_id,
                },
            )
        });
        Ok(unscored.collect())
    }
}

fn change(row: ChangeRow) -> SegmentChange {
    let (sequence, created_at, position, model, from, to) = row;
    SegmentChange {
        sequence: sequence.cast_unsigned(),
        created_at: Timestamp::from_millisecond(created_at).unwrap_or_default(),
        position: position.cast_unsigned(),
        model,
        from,
        to,
    }
}

fn listed(row: ListedRow) -> ListedCustomer {
    let (number, customer_id, position, transactions, scored_position, model, segment) = row;
    ListedCustomer {
        number: number.cast_unsigned(),
        customer_id,
        position: position.cast_unsigned(),
        transactions: transactions.cast_unsigned(),
        scored_position: scored_position.map(i64::cast_unsigned),
        model,
        segment,
    }
}

/// A customer of a tenant, without its scoring.
async fn find<S>(
    session: &mut S,
    tenant: &Tenant,
    customer_id: &str,
) -> Result<Option<KeptCustomer>, StoreError>
where
    S: Session,
    i64: Bind<S::Sql>,
    String: Bind<S::Sql>,
    CustomerRow: Columns<S::Sql>,
{
    let query = sqlx::query_as(FIND)
        .bind(bucket_of(customer_id))
        .bind(tenant.to_string())
        .bind(customer_id.to_owned());
    let row: Option<CustomerRow> = session
        .fetch_optional("looking for a customer", query)
        .await?;
    Ok(row.map(
        |(
            number,
            position,
            transactions,
            bytes,
            settings,
            folded,
            folded_until,
            settled_until,
            late,
            approximate_since,
        )| KeptCustomer {
            number,
            folded: folded.cast_unsigned(),
            folded_until,
            settled_until,
            late: late.cast_unsigned(),
            approximate_since,
            customer_id: customer_id.to_owned(),
            position: position.cast_unsigned(),
            transactions: transactions.cast_unsigned(),
            bytes: bytes.cast_unsigned(),
            settings,
            scoring: None,
        },
    ))
}

#[async_trait]
impl<S> CustomerTransaction for S
where
    S: Session,
    i64: Bind<S::Sql>,
    String: Bind<S::Sql>,
    Option<String>: Bind<S::Sql>,
    Vec<u8>: Bind<S::Sql>,
    CustomerRow: Columns<S::Sql>,
    (i64,): Columns<S::Sql>,
    (String, String): Columns<S::Sql>,
{
    async fn find_customer(
        &mut self,
        tenant: &Tenant,
        customer_id: &str,
    ) -> Result<Option<KeptCustomer>, StoreError> {
        find(self, tenant, customer_id).await
    }

    async fn insert_customer(
        &mut self,
        tenant: &Tenant,
        customer_id: &str,
        settings: &str,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        let doing = "adding a customer";
        let query = sqlx::query_as(
            "INSERT INTO customers (customer_bucket, position, transactions, bytes, changed_at) \
             VALUES ($1, 0, 0, 0, $2) RETURNING number",
        )
        .bind(bucket_of(customer_id))
        .bind(milliseconds(now));
        let (number,): (i64,) = self.fetch_one(doing, query).await?;
        let query = sqlx::query(
            "INSERT INTO customer_contents (number, tenant, customer_id, settings) \
             VALUES ($1, $2, $3, $4)",
        )
        .bind(number)
        .bind(tenant.to_string())
        .bind(customer_id.to_owned())
        .bind(settings.to_owned());
        self.execute(doing, query).await?;
        Ok(number)
    }

    async fn kept_under(
        &mut self,
        number: i64,
        ids: &[&str],
    ) -> Result<Vec<(String, String)>, StoreError> {
        let mut kept = Vec::new();
        for ids in ids.chunks(ROWS) {
            let mut query =
                QueryBuilder::new("SELECT id, document FROM kept_transactions WHERE number = ");
            query.push_bind(number).push(" AND id IN (");
            let mut listed = query.separated(", ");
            for &id in ids {
                listed.push_bind(id.to_owned());
            }
            query.push(")");
            let rows = query.build_query_as();
            kept.extend(
                self.fetch_all("looking for kept transactions", rows)
                    .await?,
            );
        }
        Ok(kept)
    }

    async fn keep(
        &mut self,
        number: i64,
        transactions: &[&KeptTransaction],
    ) -> Result<(), StoreError> {
        for transactions in transactions.chunks(ROWS) {
            let mut query =
                QueryBuilder::new("INSERT INTO kept_transactions (number, id, moment, document) ");
            query.push_values(transactions, |mut row, transaction| {
                row.push_bind(number)
                    .push_bind(transaction.id.clone())
                    .push_bind(transaction.moment)
                    .push_bind(transaction.document.clone());
            });
            query.push(
                " ON CONFLICT (number, id) DO UPDATE \
                 SET moment = excluded.moment, document = excluded.document",
            );
            self.execute("keeping transactions", query.build()).await?;
        }
        Ok(())
    }

    async fn advance(
        &mut self,
        number: i64,
        growth: Growth,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        // None is later than all.
        let [oldest, oldest_late] =
            [growth.oldest, growth.oldest_late].map(|moment| moment.unwrap_or(i64::MAX));
        let query = sqlx::query(
            "UPDATE customers SET position = position + 1, transactions = transactions + $1, \
             bytes = bytes + $2, changed_at = $3, late = late + $4, \
             oldest = CASE WHEN $5 < coalesce(oldest, $6) THEN $7 ELSE oldest END, \
             approximate_since = CASE WHEN $8 < coalesce(approximate_since, $9) THEN $10 ELSE approximate_since END \
             WHERE number = $11",
        )
        .bind(growth.added.cast_signed())
        .bind(growth.bytes)
        .bind(milliseconds(now))
        .bind(growth.late.cast_signed())
        .bind(oldest)
        .bind(i64::MAX)
        .bind(oldest)
        .bind(oldest_late)
        .bind(i64::MAX)
        .bind(oldest_late)
        .bind(number);
        self.execute("counting the changes of a customer", query)
            .await?;
        Ok(())
    }

    async fn keep_scoring(
        &mut self,
        number: i64,
        scoring: &KeptScoring,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let doing = "keeping the scoring of a customer";
        // The numbers of two bundles' segments mean different things.
        let query = sqlx::query(
            "INSERT INTO customer_events (number, created_at, position, model, from_segment, to_segment) \
             SELECT number, $1, $2, $3, segment, $4 FROM customers \
             WHERE number = $5 AND scored_position <= $6 AND bundle_sha256 = $7 \
             AND coalesce(segment, '') <> coalesce($8, '')",
        )
        .bind(milliseconds(now))
        .bind(scoring.position.cast_signed())
        .bind(scoring.model.clone())
        .bind(scoring.segment.clone())
        .bind(number)
        .bind(scoring.position.cast_signed())
        .bind(scoring.bundle_sha256.clone())
        .bind(scoring.segment.clone());
        self.execute(doing, query).await?;
        let query = sqlx::query(
            "UPDATE customers SET scored_position = $1, model = $2, bundle_sha256 = $3, segment = $4 \
             WHERE number = $5 AND (scored_position IS NULL OR scored_position <= $6)",
        )
        .bind(scoring.position.cast_signed())
        .bind(scoring.model.clone())
        .bind(scoring.bundle_sha256.clone())
        .bind(scoring.segment.clone())
        .bind(number)
        .bind(scoring.position.cast_signed());
        if self.execute(doing, query).await? == 0 {
            return Ok(());
        }
        let query = sqlx::query("UPDATE customer_contents SET scoring = $1 WHERE number = $2")
            .bind(scoring.document.clone())
            .bind(number);
        self.execute(doing, query).await?;
        Ok(())
    }
}

/// Removes a customer with all that is kept of it, and counts its transactions; `None` when there is none with this name.
pub(crate) async fn remove<S>(
    session: &mut S,
    tenant: &Tenant,
    customer_id: &str,
) -> Result<Option<u64>, StoreError>
where
    S: Session,
    i64: Bind<S::Sql>,
    String: Bind<S::Sql>,
    CustomerRow: Columns<S::Sql>,
{
    let Some(customer) = find(session, tenant, customer_id).await? else {
        return Ok(None);
    };
    let doing = "erasing a customer";
    let mut delete = async |statement: &'static str| {
        let query = sqlx::query(statement).bind(customer.number);
        session.execute(doing, query).await
    };
    delete("DELETE FROM customer_contents WHERE number = $1").await?;
    let transactions = delete("DELETE FROM kept_transactions WHERE number = $1").await?;
    delete("DELETE FROM folded_transactions WHERE number = $1").await?;
    delete("DELETE FROM customer_events WHERE number = $1").await?;
    delete("DELETE FROM customers WHERE number = $1").await?;
    Ok(Some(transactions))
}
