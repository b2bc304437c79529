//! HTTP interface of the server.
//!
//! - `api`, `protocols`, `web`: the operations, each declared beside its handler.
//! - `interface`: the list of all operations; `router` and `openapi` are folds over it.
//! - `operation`: what a declaration states, and the table of required scopes.
//! - the other modules: what all requests share, from the connection to the answer.

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
