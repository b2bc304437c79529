//! Resources of the service, one file or folder each: the declaration of each operation beside its handler.

mod admin;
mod audit;
mod customers;
mod explain;
mod explain_body;
mod explain_ndjson;
pub(crate) mod explanations;
pub(crate) mod health;
mod idempotency;
pub(crate) mod jobs;
pub(crate) mod metrics;
mod models;
mod paging;
pub(crate) mod preference;
mod score;
mod score_ndjson;
mod stream;
mod stream_options;
mod tables;
mod taxonomy;

use crate::operation::Operation;

/// All of them but the metrics, which may have an address of their own.
pub(crate) fn operations() -> Vec<Operation> {
    let resources = [
        score::operations(),
        stream::operations(),
        explain::operations(),
        explanations::operations(),
        audit::operations(),
        jobs::operations(),
        customers::operations(),
        models::operations(),
        tables::operations(),
        taxonomy::operations(),
        admin::operations(),
        health::operations(),
    ];
    resources.into_iter().flatten().collect()
}
