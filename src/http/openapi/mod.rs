//! The OpenAPI 3.1 document: a fold over the declared operations.
//!
//! Schemas are derived where the types stand, problems come from `ApiError`, and examples from `openapi/examples`, which
//! a test holds against the running server.

mod describe;
mod document;
mod headers;
mod problems;
mod schemas;
mod spread;

use serde_json::Value;

pub(crate) use document::document;

/// The document's text, as it is served and committed.
pub(crate) fn text(document: &Value) -> String {
    format!("{document:#}\n")
}
