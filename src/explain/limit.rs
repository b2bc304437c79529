//! How long an explanation may sample.

use std::time::Instant;

use super::document::StoppedBy;

/// When sampling ends at the latest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limit {
    /// With the budget, or at this moment if there is one.
    Budget(Option<Instant>),
    /// With so many samples, as another time, when this is what ended it.
    Again(usize, StoppedBy),
}

impl Limit {
    /// How many of all perturbations may be sampled.
    pub(super) fn samples(self, all: usize) -> usize {
        match self {
            Self::Budget(_) => all,
            Self::Again(samples, _) => samples.clamp(1, all),
        }
    }

    /// How many to sample before asking whether that is enough, of `most`: another time nobody asks.
    pub(super) fn first_round(self, least: usize, most: usize) -> usize {
        match self {
            Self::Budget(_) => least.min(most),
            Self::Again(..) => most,
        }
    }

    pub(super) fn deadline(self) -> Option<Instant> {
        match self {
            Self::Budget(deadline) => deadline,
            Self::Again(..) => None,
        }
    }

    /// What ended it, when by itself it would have been `found`.
    pub(super) fn stopped_by(self, found: StoppedBy) -> StoppedBy {
        match self {
            Self::Budget(_) => found,
            Self::Again(_, recorded) => recorded,
        }
    }
}
