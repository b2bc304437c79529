//! The HTTP interface: one file for each resource, and the ways that all requests share.

mod admission;
mod api;
mod app;
mod body;
mod caller;
mod compute_explanation;
mod connection;
mod context;
mod error;
mod interface;
mod job_request;
mod job_runner;
mod lines;
mod listen;
mod metrics;
mod model_selector;
mod openapi;
mod operation;
mod protocols;
mod router;
mod serve;
mod shadow;
mod unread_body;
mod verb_route;
mod web;
mod written;

pub use api::log_changes;
pub use app::App;
pub use connection::Peer;
pub use context::RequestId;
pub use error::ApiError;
pub use interface::openapi_document;
pub use job_runner::run_jobs;
pub use listen::{Lacks, ListenError, listen, listen_for_metrics};
pub use router::router;
pub use serve::{Door, serve};
