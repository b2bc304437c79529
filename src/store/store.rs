//! Store of records and jobs: how it is opened and closed.

use std::sync::Arc;

use microseg_access::Tenant;

use super::customers::erasure::AppendsAfterErasure;
use super::database::interface::Database;
use super::database::open::{open_database, open_snapshot};
use super::error::StoreError;
use super::jobs::lease::LeaseHolder;
use super::location::Location;
use super::writer::queue::Queue;

/// Records and jobs in a database. A clone is the same store.
///
/// Every method that writes returns when what it wrote is durable, and does its work even if the caller stops waiting.
/// Each of them can fail with [`StoreError::Busy`], [`StoreError::Closed`], [`StoreError::Replaced`],
/// [`StoreError::Cut`], [`StoreError::ChainLost`] or [`StoreError::Database`]; then nothing was kept, except that a failed commit leaves this unknown. Methods that read
/// fail with [`StoreError::Closed`] and [`StoreError::Database`], and with [`StoreError::Busy`] when all connections
/// are in use.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) database: Arc<dyn Database>,
    pub(crate) queue: Queue,
    /// The holder of the leases of the jobs that it starts.
    pub(crate) holder: LeaseHolder,
    /// The tenant whose records and jobs it reads, writes and erases.
    pub(crate) tenant: Tenant,
    /// What becomes of transactions for erased customers.
    pub(crate) after_erasure: AppendsAfterErasure,
}

impl Store {
    /// Opens a store, inside a tokio runtime; creates what is missing: the file of SQLite, and the tables of either
    /// database, but not a database of PostgreSQL.
    ///
    /// The URL is `sqlite://PATH`, relative or absolute (`sqlite:///var/lib/records.db`), `sqlite::memory:`, or
    /// `postgres://USER:PASSWORD@HOST:PORT/DATABASE` with the parameters of PostgreSQL's own clients.
    ///
    /// # Errors
    /// [`StoreError::Scheme`] for any other URL, [`StoreError::Parameter`] for an unknown parameter,
    /// [`StoreError::Password`] for a password of SQLite; [`StoreError::Missing`], [`StoreError::Open`],
    /// [`StoreError::Unsuitable`] and [`StoreError::Migration`] when there is no database that can be used;
    /// [`StoreError::ChainLost`] when a file of SQLite lacks the last entry that was acknowledged.
    pub async fn open(location: impl Into<Location>) -> Result<Self, StoreError> {
        let location = location.into();
        let database = open_database(&location).await?;
        Ok(Self::on(database, LeaseHolder::new(location.instance)))
    }

    /// Opens a store that exists already, for a command: nothing is created in the place of one that is missing.
    ///
    /// # Errors
    /// As [`Store::open`], and [`StoreError::Missing`] and [`StoreError::Foreign`] when there is none.
    pub async fn open_existing(location: impl Into<Location>) -> Result<Self, StoreError> {
        let location = location.into();
        drop(open_snapshot(&location).await?);
        Self::open(location).await
    }

    /// A store on an open database.
    pub(crate) fn on(database: Arc<dyn Database>, holder: LeaseHolder) -> Self {
        Self {
            queue: Queue::start(database.clone()),
            database,
            holder,
            tenant: Tenant::default(),
            after_erasure: AppendsAfterErasure::default(),
        }
    }

    /// The same store, with what becomes of transactions for erased customers: of those that are erased from now on, where it
    /// keeps no digests yet.
    #[must_use]
    pub fn with_appends_after_erasure(self, after_erasure: AppendsAfterErasure) -> Self {
        Self {
            after_erasure,
            ..self
        }
    }

    /// The same store for another tenant: its records and jobs, and no other ones, are read, written and erased. Retention,
    /// audits, the chain's head, and the queue of jobs are of all tenants.
    #[must_use]
    pub fn of(&self, tenant: &Tenant) -> Self {
        Self {
            tenant: tenant.clone(),
            ..self.clone()
        }
    }

    /// Finishes what waits to be written, releases the jobs that it holds, and closes the database, for all clones.
    pub async fn close(&self) {
        // After a failure the jobs wait for the end of their leases.
        let _ = self.requeue_own_jobs().await;
        self.queue.close().await;
    }
}
