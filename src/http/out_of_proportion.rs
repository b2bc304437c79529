//! Error of a compressed body that becomes much larger than it was sent.

/// How many bytes one compressed byte may become. JSON of transactions becomes ten to thirty times smaller.
pub(crate) const LARGEST_RATIO: u64 = 200;

/// A body became more than [`LARGEST_RATIO`] times as large as it was sent.
#[derive(Debug, thiserror::Error)]
#[error("the body became more than {LARGEST_RATIO} times as large as it was sent")]
pub(crate) struct OutOfProportion;

impl OutOfProportion {
    /// Whether an error of a body is this one.
    pub(crate) fn is_cause_of(error: &(dyn std::error::Error + 'static)) -> bool {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if error.is::<Self>() {
                return true;
            }
            cause = error.source();
        }
        false
    }
}
