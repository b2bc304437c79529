//! The interface as an OpenAPI 3.1 document, made from the types that are read and answered.
//!
//! A file for each group of routes says what its operations are. Schemas are derived where the types stand; whether a
//! key is needed comes from `needs.rs`, problems from `ApiError`, examples from `openapi/examples`, which a test holds
//! against the running server.

mod document;
mod examples;
mod explanations;
mod models;
mod operation;
mod parameters;
mod probes;
mod problems;
mod protocols;
mod schemas;
mod scorings;
mod spread;

pub use document::document;

/// The document as it is served and as it lies in `openapi/openapi.json`.
#[must_use]
pub fn text() -> String {
    let mut text = format!("{:#}", document());
    text.push('\n');
    text
}

#[cfg(test)]
mod tests;
