//! Selection of the explanations and jobs that are to be erased.

use uuid::Uuid;

use crate::records::erasure_document::ErasureReason;

/// The most explanations that one erasure lists.
pub(crate) const SLICE: usize = 500;

/// The explanations and jobs that are to be erased.
#[derive(Debug, Clone)]
pub(crate) enum Selection {
    /// The explanation with this id, or the job that was to make it.
    Explanation(Uuid),
    /// Everything of a customer.
    Customer(String),
    /// What is older than a moment, in milliseconds since 1970: [`SLICE`] explanations, and all jobs.
    OlderThan(i64),
}

impl Selection {
    /// The reason that the erasure's document gives.
    pub(crate) fn reason(&self) -> ErasureReason {
        match self {
            Self::Explanation(_) => ErasureReason::Explanation,
            Self::Customer(_) => ErasureReason::Customer,
            Self::OlderThan(_) => ErasureReason::Retention,
        }
    }
}
