//! Writing the chain.

use std::collections::HashMap;

use sqlx::QueryBuilder;
use sqlx::error::DatabaseError;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::connection::{Held, within};
use super::noted::Noted;
use super::selection::push_condition;
use crate::backend::Residue;
use crate::bucket::bucket;
use crate::entry::{Entry, Head, Tombstone};
use crate::erase::{SLICE, Selection};
use crate::error::{StoreError, while_doing};
use crate::jobs::State;
use crate::seal::BEGINNING;
use crate::standing::{Inquiry, Standing};

/// Begins, and waits for whoever writes now. Later statements see what was committed before: the chain's end as it is
/// read stays its end. The lock is that of the table's number, so that stores in two schemas do not wait for each other.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; \
    SELECT pg_advisory_xact_lock(1836016498, 'entries'::regclass::oid::integer)";

/// SQLSTATE of a lock that somebody else kept for too long.
const LOCKED: &str = "55P03";

/// A transaction that writes. Dropped, it is undone with its connection.
///
/// The database may be far away: what many operations ask is asked at once, and what they add is noted and sent at once.
pub(crate) struct PostgresTransaction {
    connection: Held,
    /// The chain's end with what is noted, once it is known.
    head: Option<(u64, String)>,
    /// What was foreseen, and not asked for yet.
    foreseen: HashMap<Uuid, Standing>,
    noted: Noted,
    residue: Residue,
}

impl PostgresTransaction {
    pub(super) async fn begin(mut connection: Held) -> Result<Self, StoreError> {
        let begun = within(
            "beginning to write",
            sqlx::raw_sql(BEGIN).execute(&mut *connection),
        );
        begun.await.map_err(|error| match &error {
            StoreError::Database { source, .. }
                if source
                    .as_database_error()
                    .and_then(DatabaseError::code)
                    .as_deref()
                    == Some(LOCKED) =>
            {
                StoreError::Busy
            }
            _ => error,
        })?;
        Ok(Self {
            connection,
            head: None,
            foreseen: HashMap::new(),
            noted: Noted::default(),
            residue: Residue::Nothing,
        })
    }

    pub(crate) async fn commit(mut self) -> Result<Residue, StoreError> {
        let connection = self.settled().await?;
        within("committing", sqlx::query("COMMIT").execute(connection)).await?;
        self.connection.give_back();
        Ok(self.residue)
    }

    /// Its connection is closed, which undoes it whatever state it is in.
    #[expect(clippy::unused_async, reason = "as the other databases do it")]
    pub(crate) async fn rollback(self) {
        drop(self);
    }

    /// Notes what has to be cleaned up after it.
    pub(super) fn leaves(&mut self, residue: Residue) {
        self.residue = self.residue.max(residue);
    }

    /// The connection for anything that could depend on what was noted, or change what was foreseen.
    pub(super) async fn settled(&mut self) -> Result<&mut PgConnection, StoreError> {
        self.settle().await?;
        self.foreseen.clear();
        Ok(&mut self.connection)
    }

    pub(crate) async fn settle(&mut self) -> Result<(), StoreError> {
        if self.noted.is_empty() {
            return Ok(());
        }
        let noted = std::mem::take(&mut self.noted);
        // What refers to an entry is checked when the whole statement is done.
        let query = sqlx::query(
            "WITH noted AS (SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], \
             $6::text[], $7::bigint[], $8::bigint[], $9::text[], $10::bytea[], $11::text[], $12::bytea[]) AS noted \
             (sequence, kind, previous_sha256, document_sha256, record_sha256, id, created_at, customer_bucket, \
             customer_id, document, input_form, input)), \
             added AS (INSERT INTO entries (sequence, kind, previous_sha256, document_sha256, record_sha256, id, \
             created_at, customer_bucket) SELECT sequence, kind, previous_sha256, document_sha256, record_sha256, id, \
             created_at, customer_bucket FROM noted) \
             INSERT INTO contents (sequence, customer_id, document, input_form, input) \
             SELECT sequence, customer_id, document, input_form, input FROM noted",
        )
        .bind(noted.sequences)
        .bind(noted.kinds)
        .bind(noted.previous_hashes)
        .bind(noted.document_hashes)
        .bind(noted.record_hashes)
        .bind(noted.ids)
        .bind(noted.created)
        .bind(noted.buckets)
        .bind(noted.customers)
        .bind(noted.documents)
        .bind(noted.input_forms)
        .bind(noted.inputs);
        within("adding entries", query.execute(&mut *self.connection)).await?;
        Ok(())
    }

    pub(crate) async fn head(&mut self) -> Result<Head, StoreError> {
        if self.head.is_none() {
            let last = sqlx::query_as(
                "SELECT sequence, record_sha256 FROM entries ORDER BY sequence DESC LIMIT 1",
            )
            .fetch_optional(&mut *self.connection);
            let last: Option<(i64, String)> = within("reading the chain's end", last).await?;
            self.head = last.map(|(sequence, sha256)| (sequence.cast_unsigned(), sha256));
        }
        let (sequence, sha256) = self
            .head
            .clone()
            .unwrap_or_else(|| (0, BEGINNING.to_owned()));
        Ok(Head { sequence, sha256 })
    }

    pub(crate) async fn insert(&mut self, entry: &Entry<'_>) -> Result<(), StoreError> {
        self.head = Some((entry.sequence, entry.record_sha256.to_owned()));
        self.noted.add(entry);
        if self.noted.is_full() {
            self.settle().await?;
        }
        Ok(())
    }

    pub(crate) async fn foresee(&mut self, inquiries: Vec<Inquiry>) -> Result<(), StoreError> {
        if inquiries.len() > 1 {
            let foreseen = self.ask(&inquiries).await?;
            // Two that have an id in common may be of two customers: then each asks for itself.
            if foreseen.len() == inquiries.len() {
                self.foreseen = foreseen;
            }
        }
        Ok(())
    }

    pub(crate) async fn standing(&mut self, inquiry: &Inquiry) -> Result<Standing, StoreError> {
        // Taken out: who asks for the same once more comes after somebody who may have written it.
        if let Some(standing) = self.foreseen.remove(&inquiry.id) {
            return Ok(standing);
        }
        self.settle().await?;
        let found = self.ask(std::slice::from_ref(inquiry)).await?;
        let missing = || while_doing("looking for a record")(sqlx::Error::RowNotFound);
        found.get(&inquiry.id).copied().ok_or_else(missing)
    }

    async fn ask(&mut self, inquiries: &[Inquiry]) -> Result<HashMap<Uuid, Standing>, StoreError> {
        let ids: Vec<String> = inquiries
            .iter()
            .map(|inquiry| inquiry.id.to_string())
            .collect();
        let buckets: Vec<Option<i64>> = inquiries
            .iter()
            .map(|inquiry| inquiry.customer_id.as_deref().map(bucket))
            .collect();
        let admissions: Vec<i64> = inquiries
            .iter()
            .map(|inquiry| inquiry.admitted.erasure)
            .collect();
        let query = sqlx::query_as(
            "SELECT EXISTS (SELECT 1 FROM entries WHERE entries.id = asked.id), \
             (SELECT state FROM jobs WHERE jobs.id = asked.id), \
             EXISTS (SELECT 1 FROM customer_erasures AS erased \
             WHERE erased.customer_bucket = asked.bucket AND erased.number > asked.admission) \
             FROM unnest($1::text[], $2::bigint[], $3::bigint[]) \
             WITH ORDINALITY AS asked (id, bucket, admission, place) ORDER BY place",
        )
        .bind(ids)
        .bind(buckets)
        .bind(admissions)
        .fetch_all(&mut *self.connection);
        let rows: Vec<(bool, Option<String>, bool)> = within("looking for records", query).await?;
        let standings = rows
            .into_iter()
            .map(|(is_recorded, job, is_erased)| Standing {
                is_recorded,
                job: job.as_deref().map(State::from_name),
                is_erased,
            });
        let ids = inquiries.iter().map(|inquiry| inquiry.id);
        Ok(ids.zip(standings).collect())
    }

    pub(crate) async fn explanations(
        &mut self,
        selection: &Selection,
    ) -> Result<Vec<Tombstone>, StoreError> {
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
        let found = query.build_query_as().fetch_all(self.settled().await?);
        let rows: Vec<(i64, String)> = within("looking for what is to be erased", found).await?;
        Ok(Tombstone::in_order(rows))
    }

    pub(crate) async fn bury(&mut self, tombstones: &[Tombstone]) -> Result<(), StoreError> {
        self.leaves(Residue::Erased);
        let sequences: Vec<i64> = tombstones
            .iter()
            .map(|tombstone| tombstone.sequence.cast_signed())
            .collect();
        for statement in [
            "DELETE FROM contents WHERE sequence = ANY($1)",
            "DELETE FROM jobs WHERE id IN (SELECT id FROM entries WHERE sequence = ANY($1))",
            "UPDATE entries SET id = NULL, created_at = NULL, customer_bucket = NULL WHERE sequence = ANY($1)",
        ] {
            let query = sqlx::query(statement).bind(&sequences);
            let query = query.execute(self.settled().await?);
            within("erasing explanations", query).await?;
        }
        Ok(())
    }
}
