//! Bulk scoring of files and tables of histories, on all processors, into one stream or into a folder of parts.
//!
//! The inputs are cut into *units* that depend on nothing but the inputs and the size of a part: byte ranges of NDJSON
//! and CSV, row groups of Parquet. A thread takes a unit, reads it, scores it and writes it; so no thread waits for
//! another one's reading. A stream keeps the units in order; in a folder each unit becomes a part.
//!
//! `table_histories` reads the customers of tables one after the other, for other commands than scoring.
//!
//! Imports point one way: `output` → `score` → `units` → `read` → the files beside this one.

mod amounts;
mod columns;
mod content;
mod content_check;
mod error;
mod file_state;
mod folder_of_files;
mod format;
mod history_result;
mod input;
mod observer;
mod output;
mod position;
mod read;
mod score;
mod settings;
mod shard;
mod table_field;
mod table_histories;
mod threads;
mod units;

pub use amounts::{AmountNotation, AmountSign, DecimalMark};
pub use columns::{ColumnNames, TableSettings};
pub use content::Content;
pub use content_check::require_text;
pub use error::BulkError;
pub use format::Format;
pub use history_result::Refusal;
pub use input::Input;
pub use observer::RunObserver;
pub use output::{FolderSummary, OutputFormat};
pub use position::Position;
pub use read::{JsonDocument, JsonDocuments};
pub use score::BulkRun;
pub use settings::RunSettings;
pub use shard::Shard;
pub use table_field::TableField;
pub use table_histories::{TableConsumer, TableHistories};
