//! List of all operations of the server, and the OpenAPI document of them.

use serde_json::Value;

use crate::operation::Operation;
use crate::{api, openapi, protocols, web};

/// Every operation.
pub(crate) fn operations() -> Vec<Operation> {
    let mut operations = service_operations();
    operations.extend(api::metrics::operations());
    operations
}

/// Every operation but the metrics, which may have an address of their own.
pub(crate) fn service_operations() -> Vec<Operation> {
    let mut operations = api::operations();
    operations.extend(protocols::operations());
    operations.extend(web::operations(document));
    operations
}

/// Metrics and probes, for an address of their own.
pub(crate) fn monitoring_operations() -> Vec<Operation> {
    let mut operations = api::metrics::operations();
    operations.extend(api::health::operations());
    operations
}

fn document() -> Value {
    openapi::document(&operations())
}

/// The OpenAPI document, as it is served and as it is in `openapi/openapi.json`.
#[must_use]
pub fn openapi_document() -> String {
    openapi::text(&document())
}

#[cfg(test)]
#[path = "interface_tests.rs"]
mod tests;
