//! Selection of the explanations and jobs that are to be erased.

use microseg_access::Tenant;
use uuid::Uuid;

use crate::records::erasure_document::ErasureReason;

/// The most explanations that one erasure lists.
pub(crate) const SLICE: usize = 500;

/// The explanations and jobs that are to be erased.
#[derive(Debug, Clone)]
pub(crate) enum Selection {
    /// The explanation with this id, or the job that was to make it, if it is the tenant's.
    Explanation {
        /// The tenant.
        tenant: Tenant,
        /// The id.
        id: Uuid,
    },
    /// Everything of a customer of a tenant.
    Customer {
        /// The tenant.
        tenant: Tenant,
        /// The tenant's name for the customer.
        id: String,
    },
    /// What is older than a moment, in milliseconds since 1970: [`SLICE`] explanations, and all jobs.
    OlderThan(i64),
}

impl Selection {
    /// The reason that the erasure's document gives.
    pub(crate) fn reason(&self) -> ErasureReason {
        match self {
            Self::Explanation { .. } => ErasureReason::Explanation,
            Self::Customer { .. } => ErasureReason::Customer,
            Self::OlderThan(_) => ErasureReason::Retention,
        }
    }
}
