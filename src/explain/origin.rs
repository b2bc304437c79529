//! The request behind an explanation.

use std::time::Instant;

use uuid::Uuid;

/// The request behind an explanation, and since when its answer is awaited.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The explanation's id.
    pub id: Uuid,
    /// The id of the request; `None` on the command line.
    pub request_id: Option<String>,
    /// When the request came in.
    pub started_at: Instant,
}
