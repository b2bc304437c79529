//! The HTTP interface: one file for each resource, and the ways that all requests share.

mod admission;
mod app;
mod body;
mod caller;
mod connection;
mod context;
mod customers;
mod error;
mod explain;
mod explaining;
mod explanations;
mod health;
mod jobs;
mod lines;
mod lingering;
mod listen;
mod metrics;
mod models;
mod needs;
mod router;
mod score;
mod score_lines;
mod serve;
mod stream;
mod tables;
mod written;

pub use app::App;
pub use context::RequestId;
pub use error::ApiError;
pub use jobs::run_jobs;
pub use listen::{Lacks, ListenError, listen};
pub use router::router;
pub use serve::{Door, serve};
