//! Faults of what is asked of a recourse, each at its member.

/// Why there is no recourse.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecourseFault {
    /// Nothing is wished for.
    #[error(
        "expected a wish: {{\"segment\": \"any\"}}, the id of a micro-segment, or above or below for the number of target"
    )]
    Missing,
    /// No spending is moved.
    #[error("expected no such member: only recourse has it")]
    NotUsed(&'static str),
    /// The model has no such micro-segment.
    #[error("expected any, or one of the model's several micro-segments: {segments}")]
    Segment {
        /// Their ids.
        segments: String,
    },
    /// Bounds are of one number.
    #[error("expected the name of one number, or a decision: above and below are bounds of one")]
    Target,
    /// Not a class, or one that was named before.
    #[error("expected spending classes of the model, each once")]
    Class {
        /// `allow` or `freeze`.
        member: &'static str,
        /// Its place in the list.
        place: usize,
    },
    /// Nothing can be moved between fewer than two classes.
    #[error("expected at least two classes that spending may be moved between")]
    TooFewClasses,
    /// Classes are what is moved.
    #[error("expected class: recourse moves spending between classes")]
    Level,
}

impl RecourseFault {
    /// The member at fault.
    pub(crate) fn pointer(&self) -> String {
        match self {
            Self::Missing => "/explain/wish".to_owned(),
            Self::NotUsed(member) => format!("/explain/{member}"),
            Self::Segment { .. } => "/explain/wish/segment".to_owned(),
            Self::Target => "/explain/target".to_owned(),
            Self::Class { member, place } => format!("/explain/{member}/{place}"),
            Self::TooFewClasses => "/explain/allow".to_owned(),
            Self::Level => "/explain/level".to_owned(),
        }
    }
}
