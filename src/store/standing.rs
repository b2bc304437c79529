//! What a database knows of an explanation or a job before it is written: asked for many of them at once.

use uuid::Uuid;

use super::admission::Admission;
use super::jobs::State;

/// What is asked.
#[derive(Debug, Clone)]
pub(super) struct Inquiry {
    /// The id of the explanation, and of its job.
    pub(super) id: Uuid,
    /// Whom it is about.
    pub(super) customer_id: Option<String>,
    /// When it was admitted.
    pub(super) admitted: Admission,
}

/// What is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    /// Whether there is an entry with this id.
    pub(super) is_recorded: bool,
    /// How far the job with this id is; `None` when there is none.
    pub(super) job: Option<State>,
    /// Whether the customer, or one who shares the bits by which erasures are noted, was erased after the admission.
    pub(super) is_erased: bool,
}
