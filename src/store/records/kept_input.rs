//! The part of an explanation's input that is stored beside the explanation.

/// The part of an explanation's input that is stored beside the explanation, as the bytes that were given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeptInput {
    /// Nothing but the digest in the explanation itself.
    Digest,
    /// The totals: enough to compute the explanation again.
    Totals(Vec<u8>),
    /// The whole request.
    History(Vec<u8>),
}

impl KeptInput {
    /// The name of its form in the database.
    pub(crate) fn form(&self) -> &'static str {
        match self {
            Self::Digest => "digest",
            Self::Totals(_) => "totals",
            Self::History(_) => "history",
        }
    }

    /// The input that a database holds under the name of a form.
    pub(crate) fn from_form(form: Option<&str>, bytes: Option<Vec<u8>>) -> Self {
        match (form, bytes) {
            (Some("totals"), Some(bytes)) => Self::Totals(bytes),
            (Some("history"), Some(bytes)) => Self::History(bytes),
            _ => Self::Digest,
        }
    }

    /// The stored bytes; `None` for a digest.
    pub(crate) fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Digest => None,
            Self::Totals(bytes) | Self::History(bytes) => Some(bytes),
        }
    }
}
