//! Documents that pages are made from, as far as they read them: members that are not known are passed over.

mod explanation;
mod scoring;
mod tables;

pub(crate) use explanation::{Contribution, Explanation, Target};
pub(crate) use scoring::{KeptTotals, PeriodScore, Scoring};
pub(crate) use tables::{Attractor, Attractors, ModelDetail, Segment, Segments, Spread, Surrogate};
