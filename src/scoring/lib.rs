//! Scoring: the trajectory of a customer's history in the network's state space, period by period.

mod document;
mod live;
mod many;
mod named_outputs;
mod one;
mod sequences;
mod timed_run;

pub use document::{Features, PeriodScore, Scoring};
pub use live::{ClosedScore, Event, LiveError, LiveScoring};
pub use many::{Unscored, score_each};
pub use named_outputs::NamedOutputs;
pub use one::score;
