//! Records: every explanation that was given, durable and in a hash chain, and the jobs that make explanations later.
//!
//! A [`Draft`] becomes a record when it is sealed: it names the hash of the entry before it, its document's hash, and
//! its own, which is made of these two. One writer puts all that waits into one transaction. Erasing takes an
//! explanation's content away, leaves its place and its hashes, and adds an entry that says so; [`Store::audit`] walks
//! the whole chain. `docs/records.md` tells it to auditors.
//!
//! The chain is made and judged above `backend.rs`, without SQL; each database has a folder of its own below it.

mod admission;
mod append;
mod audit;
mod auditor;
mod backend;
mod bucket;
mod draft;
mod entry;
mod erase;
mod erasure;
mod error;
mod handle;
mod jobs;
mod lease;
mod location;
mod postgres;
mod seal;
mod sqlite;
mod standing;
mod writer;

pub use admission::Admission;
pub use audit::{Anchor, Audit, Broken, Fault};
pub use draft::{Draft, KeptInput};
pub use erase::Erased;
pub use error::StoreError;
pub use handle::{Page, Store, audit};
pub use jobs::{JobState, JobStatus, NewJob, WaitingJob};
pub use location::Location;
