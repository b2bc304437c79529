//! Documents that pages are made from, as far as they read them: members that are not known are passed over.

mod explanation;
mod read;
mod recourse;
mod scoring;
mod tables;

pub(crate) use explanation::{
    Contribution, Explanation, Interactions, Note, PartName, Reason, Target,
};
pub(crate) use read::read;
pub(crate) use recourse::{Alternative, ClassChange, Recourse};
pub(crate) use scoring::{KeptTotals, PeriodScore, Scoring};
pub(crate) use tables::{
    Attractor, Attractors, ModelDetail, Segment, Segments, Spread, Surrogate, Validation,
    ValidationRow,
};
