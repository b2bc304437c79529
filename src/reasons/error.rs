//! Errors of a catalogue.

/// Why a catalogue was refused; the caller knows its file.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// Not JSON, a member missing, unknown, or of another type.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// A text cannot be used.
    #[error("{member}: {source}")]
    Text {
        /// The member that holds it, such as `texts.class.raises`.
        member: String,
        /// What is wrong with it.
        source: TextError,
    },
    /// A member does not fit the model, the file's name, or the English catalogue.
    #[error("{member}: {reason}")]
    Member {
        /// The member.
        member: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

/// Why a text of a catalogue cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// An empty text.
    #[error("expected a text, found none")]
    Empty,
    /// A line break or another control character.
    #[error("expected a text without control characters")]
    Control,
    /// A brace that does not belong to a placeholder.
    #[error("a brace without its other half: `{0}`")]
    Brace(String),
    /// A placeholder that this text has no value for.
    #[error("unknown placeholder {{{name}}}, expected {expected}")]
    Unknown {
        /// The name between the braces.
        name: String,
        /// The names that are allowed.
        expected: String,
    },
    /// A placeholder that this text has to have.
    #[error("{{{0}}} does not occur")]
    Missing(&'static str),
}

impl CatalogueError {
    pub(super) fn member(member: &'static str, reason: impl Into<String>) -> Self {
        Self::Member {
            member,
            reason: reason.into(),
        }
    }

    /// Names the place of a text's fault.
    pub(super) fn text(member: impl Into<String>) -> impl FnOnce(TextError) -> Self {
        move |source| Self::Text {
            member: member.into(),
            source,
        }
    }
}
