//! Scoring: the trajectory of a customer's history in the network's state space, period by period.

mod certainty;
mod document;
mod live;
mod many;
mod named_outputs;
mod one;
mod resampled;
mod scored;
mod sequences;
mod timed_run;
mod wanted;

pub use certainty::{Certainty, SegmentShare};
pub use document::{Features, PeriodScore, Scoring};
pub use live::{ClosedScore, Event, EventScore, Every, LiveError, LiveScoring, StepUnit};
pub use many::{Unscored, score_each};
pub use named_outputs::NamedOutputs;
pub use one::{score, score_again};
pub use resampled::certainty;
pub use scored::{Scored, recurrent_state};
pub use sequences::{Batches, Steps, run_chunks, run_to_ends};
