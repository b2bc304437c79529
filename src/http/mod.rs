//! The HTTP interface: one file for each resource, and the ways that all requests share.

mod app;
mod body;
mod context;
mod error;
mod explain;
mod health;
mod models;
mod router;
mod score;
mod serve;
mod tables;

pub use app::App;
pub use context::RequestId;
pub use error::ApiError;
pub use router::router;
pub use serve::serve;
