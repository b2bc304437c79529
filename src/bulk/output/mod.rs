//! Output of a run: one stream of NDJSON, or a folder of parts.

mod folder;
mod ndjson_lines;
mod parquet_table;
mod stream;

pub use folder::{FolderSummary, OutputFormat};
