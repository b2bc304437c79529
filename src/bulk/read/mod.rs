//! Readers of NDJSON, CSV and Parquet: units of them become histories.

mod context;
pub(crate) mod csv;
mod grouping;
mod json_documents;
pub(crate) mod ndjson;
pub(crate) mod parquet;
mod row;
mod row_positions;
mod seen_customers;

pub(crate) use context::{Purpose, UnitContext};
pub(crate) use grouping::Grouping;
pub use json_documents::{JsonDocument, JsonDocuments};
pub(crate) use seen_customers::{CustomerHash, SeenCustomers};
