//! Shared statements of folds.

use async_trait::async_trait;
use sqlx::QueryBuilder;

use super::aged::aged;
use super::session::{Bind, Columns, ReaderPool, Session};
use crate::customers::fold::{Fold, KeptContents, NewFold, digest_of};
use crate::customers::fold_database::{Aged, FoldReader, FoldTransaction};
use crate::customers::transaction::KeptTransaction;
use crate::error::StoreError;

/// How many rows one statement adds or looks for.
const ROWS: usize = 2000;

/// A position, how many transactions are folded, and the document of one that is not.
type ContentRow = (i64, i64, Option<String>);

/// How many transactions are folded, the fold, and its models.
type FoldRow = (i64, Option<Vec<u8>>, Option<String>);

#[async_trait]
impl<P> FoldReader for P
where
    P: ReaderPool,
    i64: Bind<P::Sql>,
    ContentRow: Columns<P::Sql>,
    FoldRow: Columns<P::Sql>,
    (String, i64, String): Columns<P::Sql>,
    (i64, String, String): Columns<P::Sql>,
{
    async fn contents(&self, number: i64) -> Result<Option<KeptContents>, StoreError> {
        let doing = "reading the transactions of a customer";
        let mut reader = self.reader().await?;
        loop {
            let query = sqlx::query_as(
                "SELECT position, folded, document FROM customers LEFT JOIN kept_transactions USING (number) \
                 WHERE number = $1 ORDER BY moment, id",
            )
            .bind(number);
            let rows: Vec<ContentRow> = reader.fetch_all(doing, query).await?;
            let Some(&(position, folded, _)) = rows.first() else {
                return Ok(None);
            };
            let mut contents = KeptContents {
                position: position.cast_unsigned(),
                folded: folded.cast_unsigned(),
                fold: None,
                documents: rows
                    .into_iter()
                    .filter_map(|(.., document)| document)
                    .collect(),
            };
            if folded == 0 {
                return Ok(Some(contents));
            }
            let query = sqlx::query_as(
                "SELECT folded, fold, fold_of FROM customers JOIN customer_contents USING (number) WHERE number = $1",
            )
            .bind(number);
            let row: Option<FoldRow> = reader.fetch_optional(doing, query).await?;
            match row {
                None => return Ok(None),
                Some((then, document, of)) if then == folded => {
                    let fold = document.zip(of);
                    contents.fold = fold.map(|(document, of)| Fold { document, of });
                    return Ok(Some(contents));
                }
                // Folded once more between the two: then the first ones are in both.
                Some(_) => {}
            }
        }
    }

    async fn before(&self, number: i64, moment: i64) -> Result<Vec<KeptTransaction>, StoreError> {
        let mut reader = self.reader().await?;
        let query = sqlx::query_as(
            "SELECT id, moment, document FROM kept_transactions \
             WHERE number = $1 AND moment < $2 ORDER BY moment, id",
        )
        .bind(number)
        .bind(moment);
        let rows: Vec<(String, i64, String)> = reader
            .fetch_all("reading old transactions of a customer", query)
            .await?;
        let transactions = rows
            .into_iter()
            .map(|(id, moment, document)| KeptTransaction {
                id,
                moment,
                document,
            });
        Ok(transactions.collect())
    }

    async fn aged(&self, moment: i64, after: i64, limit: usize) -> Result<Vec<Aged>, StoreError> {
        let statement = "SELECT number, tenant, customer_id FROM customers JOIN customer_contents USING (number) \
                         WHERE oldest < $1 AND number > $2 ORDER BY number LIMIT $3";
        let doing = "looking for old transactions";
        aged(self, (doing, statement), (moment, after, limit)).await
    }
}

#[async_trait]
impl<S> FoldTransaction for S
where
    S: Session,
    i64: Bind<S::Sql>,
    Option<i64>: Bind<S::Sql>,
    String: Bind<S::Sql>,
    Vec<u8>: Bind<S::Sql>,
    (i64, i64): Columns<S::Sql>,
    (String, i64): Columns<S::Sql>,
{
    async fn folded_under(
        &mut self,
        number: i64,
        digests: &[i64],
    ) -> Result<Vec<(i64, bool)>, StoreError> {
        let mut found = Vec::new();
        for digests in digests.chunks(ROWS) {
            let mut query = QueryBuilder::new(
                "SELECT id_digest, late FROM folded_transactions WHERE number = ",
            );
            query.push_bind(number).push(" AND id_digest IN (");
            let mut listed = query.separated(", ");
            for &digest in digests {
                listed.push_bind(digest);
            }
            query.push(")");
            let rows: Vec<(i64, i64)> = self
                .fetch_all("looking for folded transactions", query.build_query_as())
                .await?;
            found.extend(rows.into_iter().map(|(digest, late)| (digest, late != 0)));
        }
        Ok(found)
    }

    async fn note_folded(
        &mut self,
        number: i64,
        digests: &[i64],
        are_late: bool,
    ) -> Result<(), StoreError> {
        for digests in digests.chunks(ROWS) {
            let mut query =
                QueryBuilder::new("INSERT INTO folded_transactions (number, id_digest, late) ");
            query.push_values(digests, |mut row, digest| {
                row.push_bind(number)
                    .push_bind(*digest)
                    .push_bind(i64::from(are_late));
            });
            query.push(" ON CONFLICT (number, id_digest) DO NOTHING");
            self.execute("noting folded transactions", query.build())
                .await?;
        }
        Ok(())
    }

    async fn fold(&mut self, number: i64, new: &NewFold) -> Result<u64, StoreError> {
        let doing = "folding transactions";
        let query = sqlx::query_as(
            "SELECT id, CAST(octet_length(document) AS BIGINT) FROM kept_transactions \
             WHERE number = $1 AND moment < $2",
        )
        .bind(number)
        .bind(new.until);
        let rows: Vec<(String, i64)> = self.fetch_all(doing, query).await?;
        let digests: Vec<i64> = rows.iter().map(|(id, _)| digest_of(id)).collect();
        self.note_folded(number, &digests, false).await?;
        let bytes: i64 = rows.iter().map(|(_, bytes)| bytes).sum();
        let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let query = sqlx::query("DELETE FROM kept_transactions WHERE number = $1 AND moment < $2")
            .bind(number)
            .bind(new.until);
        self.execute(doing, query).await?;
        let query = sqlx::query(
            "UPDATE customers SET transactions = transactions - $1, bytes = bytes - $2, folded = folded + $3, \
             folded_until = coalesce($4, folded_until), settled_until = coalesce($5, settled_until), \
             oldest = (SELECT min(moment) FROM kept_transactions WHERE kept_transactions.number = customers.number) \
             WHERE number = $6",
        )
        .bind(count)
        .bind(bytes)
        .bind(count)
        .bind(new.fold.as_ref().map(|_| new.until))
        .bind(new.settled_until)
        .bind(number);
        self.execute(doing, query).await?;
        if let Some(Fold { document, of }) = &new.fold {
            let query = sqlx::query(
                "UPDATE customer_contents SET fold = $1, fold_of = $2 WHERE number = $3",
            )
            .bind(document.clone())
            .bind(of.clone())
            .bind(number);
            self.execute(doing, query).await?;
        }
        Ok(rows.len() as u64)
    }
}
