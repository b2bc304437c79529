//! Transactions that write to PostgreSQL.
//!
//! The database may be far away: lookups of many operations are one query (`existing`), and new entries are one
//! statement (`insert_batch`), which is sent before any other statement.

use std::collections::HashMap;

use async_trait::async_trait;
use sqlx::error::DatabaseError;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::begin;
use super::insert_batch::InsertBatch;
use super::pooled_connection::PooledConnection;
use super::time_limit::within;
use crate::database::interface::{Residue, Transaction};
use crate::database::shared::session::Session;
use crate::error::StoreError;
use crate::existing::Existing;
use crate::lock_name::LockName;
use crate::records::entry::Head;

/// SQLSTATE of a lock that was not available in time.
const LOCK_NOT_AVAILABLE: &str = "55P03";

/// A transaction that writes. Dropped, it is undone with its connection.
pub(crate) struct PostgresTransaction {
    pub(super) connection: PooledConnection,
    /// The chain's end, batched entries included, once it is known.
    pub(super) head: Option<Head>,
    /// Lookups that were prefetched and not yet used.
    pub(super) prefetched: HashMap<Uuid, Existing>,
    pub(super) batch: InsertBatch,
    residue: Residue,
}

impl PostgresTransaction {
    pub(super) async fn begin(mut connection: PooledConnection) -> Result<Self, StoreError> {
        let begun = within(
            "beginning to write",
            sqlx::raw_sql(begin::WRITING).execute(&mut *connection),
        );
        begun.await.map_err(busy_when_locked)?;
        Ok(Self::on(connection))
    }

    /// Begins beside others, with those of some locks that no other transaction has.
    pub(super) async fn begin_beside(
        mut connection: PooledConnection,
        names: &[LockName],
    ) -> Result<(Self, Vec<LockName>), StoreError> {
        let doing = "beginning to write";
        within(
            doing,
            sqlx::raw_sql(begin::BESIDE).execute(&mut *connection),
        )
        .await?;
        let mut transaction = Self::on(connection);
        let names: Vec<i32> = names.iter().map(|name| name.0).collect();
        let query = sqlx::query_as(begin::TRY_LOCKS).bind(names);
        let held: Vec<(i32,)> = transaction.fetch_all(doing, query).await?;
        let held = held.into_iter().map(|(name,)| LockName(name)).collect();
        Ok((transaction, held))
    }

    /// Waits for a lock that transactions beside this one may have.
    pub(super) async fn lock(&mut self, name: LockName) -> Result<(), StoreError> {
        let query = sqlx::query(begin::LOCK).bind(name.0);
        self.execute("waiting for a customer", query).await?;
        Ok(())
    }

    fn on(connection: PooledConnection) -> Self {
        Self {
            connection,
            head: None,
            prefetched: HashMap::new(),
            batch: InsertBatch::default(),
            residue: Residue::Nothing,
        }
    }

    /// Notes what the transaction leaves in the tables.
    pub(super) fn leave(&mut self, residue: Residue) {
        self.residue = self.residue.max(residue);
    }

    /// Sends the batched entries.
    pub(super) async fn flush_batch(&mut self) -> Result<(), StoreError> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let query = std::mem::take(&mut self.batch).into_query();
        let adding = query.persistent(false).execute(&mut *self.connection);
        within("adding entries", adding).await?;
        Ok(())
    }

    /// The connection for any statement that could depend on batched entries, or change what was prefetched.
    pub(super) async fn flushed(&mut self) -> Result<&mut PgConnection, StoreError> {
        self.flush_batch().await?;
        self.prefetched.clear();
        Ok(&mut self.connection)
    }
}

#[async_trait]
impl Transaction for PostgresTransaction {
    async fn flush(&mut self) -> Result<(), StoreError> {
        self.flush_batch().await
    }

    async fn commit(mut self: Box<Self>) -> Result<Residue, StoreError> {
        let connection = self.flushed().await?;
        within("committing", sqlx::raw_sql("COMMIT").execute(connection)).await?;
        self.connection.set_idle(true);
        Ok(self.residue)
    }

    /// Its connection is closed, which undoes it whatever state it is in.
    async fn rollback(self: Box<Self>) {
        drop(self);
    }
}

fn busy_when_locked(error: StoreError) -> StoreError {
    let code = match &error {
        StoreError::Database { source, .. } => source
            .as_database_error()
            .and_then(DatabaseError::code)
            .map(|code| code == LOCK_NOT_AVAILABLE),
        _ => None,
    };
    match code {
        Some(true) => StoreError::Busy,
        _ => error,
    }
}
