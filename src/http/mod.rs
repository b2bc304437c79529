//! The HTTP interface: one file for each resource, and the ways that all requests share.

mod admin;
mod app;
mod body;
mod choice;
mod context;
mod customers;
mod error;
mod explain;
mod explaining;
mod explanations;
mod health;
mod jobs;
mod lines;
mod metrics;
mod models;
mod protocols;
mod router;
mod score;
mod score_lines;
mod serve;
mod shadow;
mod stream;
mod tables;
mod written;

pub use admin::log_changes;
pub use app::App;
pub use context::RequestId;
pub use error::ApiError;
pub use jobs::run_jobs;
pub use protocols::InferenceError;
pub use router::router;
pub use serve::serve;
