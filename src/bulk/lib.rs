//! Bulk scoring: files and tables of histories, on all cores, into one stream or into parts that outlive a kill.
//!
//! The inputs are cut into *units* that depend on nothing but the inputs and the size of a part: byte ranges of NDJSON
//! and CSV, row groups of Parquet. A thread takes a unit, reads it, scores it and writes it, all by itself; so no
//! thread waits for another one's reading. A stream keeps the units in order; in a folder each unit becomes a part.

mod columns;
mod csv;
mod customers;
mod entry;
mod error;
mod folder;
mod gathering;
mod input;
mod lines;
mod ndjson;
mod parquet;
mod run;
mod score;
mod shard;
mod sink;
mod stdin;
mod stream;
mod unit;
mod units;
mod watch;

pub use columns::{ColumnNames, TableSettings};
pub use entry::Place;
pub use error::BulkError;
pub use folder::{Outcome, OutputFormat};
pub use input::{Format, Input};
pub use lines::{Document, Documents};
pub use run::{Bulk, Settings};
pub use shard::Shard;
pub use watch::Watch;
