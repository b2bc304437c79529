//! Durable records of explanations in a hash chain, the jobs that compute explanations later, customers whose transactions
//! are kept, and erasures of all of them.
//!
//! A [`NewRecord`] becomes a record when it is sealed: it then holds the hash of the entry before it, the hash of its
//! document, and its own hash, which is made of these two. Erasing removes an explanation's content, leaves its number
//! and its hashes, and appends an entry that lists what was erased. [`Store::audit`] checks the whole chain.
//! `docs/records.md` describes the format for auditors.
//!
//! # Layout
//! Imports run downwards only: each line may import the lines below it.
//!
//! | module | content |
//! |---|---|
//! | `operations` | the methods of [`Store`] by concern, and the operations that they queue |
//! | `store` | [`Store`]: how it is opened and closed |
//! | `writer` | the tasks that write queued operations in batches, one transaction for each batch |
//! | `database` | SQLite and PostgreSQL: all SQL |
//! | `existing` | what a database already holds under an id |
//! | `idempotency` | keys of requests, and what they ask of a database |
//! | `erasures` | erasures: their documents, and what they ask of a database |
//! | `retention` | retention: what it must know, and when it stops and asks |
//! | `customers` | kept customers: their transactions and scorings, and what they ask of a database |
//! | `records`, `jobs` | records with their chain, and jobs: their types, and what they ask of a database |
//! | `location`, `lock_name`, `admitted_at`, `customer_bucket`, `timestamp`, `error`, `fault` | shared types |

mod admitted_at;
mod customer_bucket;
mod customers;
mod database;
mod erasures;
mod error;
mod existing;
mod fault;
mod idempotency;
mod jobs;
mod location;
mod lock_name;
mod operations;
mod records;
mod retention;
mod store;
mod timestamp;
mod writer;

pub use admitted_at::AdmittedAt;
pub use customers::customer::{
    CustomerFilter, KeptCustomer, KeptScoring, ListedCustomer, SegmentChange,
};
pub use customers::erasure::AppendsAfterErasure;
pub use customers::fold::{Fold, KeptContents, NewFold};
pub use customers::transaction::{Added, KeptTransaction, NewTransactions};
pub use erasures::erased::Erased;
pub use error::{NO_LONGER_KEPT, StoreError};
pub use fault::{Broken, Fault};
pub use idempotency::claim::{Claim, KeyedRequest};
pub use jobs::caller::JobCaller;
pub use jobs::job::{JobState, JobStatus, NewJob, QueueLimit, WaitingJob};
pub use location::Location;
pub use operations::customers::WaitingCustomer;
pub use operations::records::audit;
pub use operations::retention::Retained;
pub use records::audit::{Anchor, Audit};
pub use records::entry::ChainHead;
pub use records::kept_input::KeptInput;
pub use records::new_record::NewRecord;
pub use records::page::{ListedRecord, Page};
pub use records::stored_entry::RecordWithInput;
pub use records::summary::RecordSummary;
pub use retention::clock_watch::ClockWatch;
pub use retention::doubt::{RetentionDoubt, RetentionPolicy};
pub use store::Store;
pub use timestamp::time_of;
