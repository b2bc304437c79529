//! Limits of sampling: the end of the drawing of perturbations.

use std::time::Instant;

use crate::document::StoppedBy;

/// When sampling ends at the latest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SamplingLimit {
    /// With the budget, or at this moment if there is one.
    Budget(Option<Instant>),
    /// Where sampling ended when the record was made.
    Recorded {
        samples: usize,
        stopped_by: StoppedBy,
    },
}

impl SamplingLimit {
    /// How many of all perturbations may be sampled.
    pub(crate) fn samples(self, all: usize) -> usize {
        match self {
            Self::Budget(_) => all,
            Self::Recorded { samples, .. } => samples.clamp(1, all),
        }
    }

    /// How many of `most` are sampled before the first check whether that is enough: all of a recorded number.
    pub(crate) fn first_round(self, least: usize, most: usize) -> usize {
        match self {
            Self::Budget(_) => least.min(most),
            Self::Recorded { .. } => most,
        }
    }

    pub(crate) fn deadline(self) -> Option<Instant> {
        match self {
            Self::Budget(deadline) => deadline,
            Self::Recorded { .. } => None,
        }
    }

    /// What ended the sampling: `found`, unless it is recorded.
    pub(crate) fn stopped_by(self, found: StoppedBy) -> StoppedBy {
        match self {
            Self::Budget(_) => found,
            Self::Recorded { stopped_by, .. } => stopped_by,
        }
    }
}
