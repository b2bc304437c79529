//! Errors of reading a history, with the place in the caller's bytes.

use microseg_problem::{Problem, ProblemKind};
use serde_json::error::Category;
use serde_path_to_error::{Path, Segment};

/// Members with longer names are not pointed into.
const MAX_NAME_BYTES: usize = 256;

/// A history that cannot be read. No variant repeats a value of the history: values are personal data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HistoryError {
    /// The bytes are not UTF-8.
    #[error("the text is not UTF-8 at byte {offset}")]
    NotUtf8 {
        /// The first bad byte, from 0.
        offset: usize,
    },
    /// The text is not JSON.
    #[error("not JSON at line {line}, column {column}: {detail}")]
    Malformed {
        /// JSON Pointer to the value that was being read.
        pointer: String,
        /// What is wrong there.
        detail: String,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// JSON, but not a history: a wrong type, a value out of range, an unknown class.
    #[error("{pointer}: {detail}")]
    Invalid {
        /// JSON Pointer to the value.
        pointer: String,
        /// What was expected there.
        detail: String,
    },
}

/// More transactions than a history may have; the limit is the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("more than {0} transactions, the limit max_transactions")]
pub struct TooManyTransactions(pub usize);

impl From<TooManyTransactions> for HistoryError {
    fn from(error: TooManyTransactions) -> Self {
        Self::Invalid {
            pointer: String::new(),
            detail: error.to_string(),
        }
    }
}

impl HistoryError {
    /// The text of these bytes. A byte order mark before it is no part of it.
    pub(super) fn check_utf8(bytes: &[u8]) -> Result<&str, Self> {
        let text = std::str::from_utf8(bytes).map_err(|error| Self::NotUtf8 {
            offset: error.valid_up_to(),
        })?;
        Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
    }

    /// Where the fault is one of a single transaction: its place in the list, from 0, the member, and what was expected
    /// there.
    #[must_use]
    pub fn in_transaction(&self) -> Option<(usize, String, &str)> {
        let Self::Invalid { pointer, detail } = self else {
            return None;
        };
        let (index, member) = pointer.strip_prefix("/transactions/")?.split_once('/')?;
        let member = member.replace("~1", "/").replace("~0", "~");
        Some((index.parse().ok()?, member, detail))
    }

    /// The same fault, where the first transaction of the history is the whole document.
    #[must_use]
    pub fn of_transaction(self) -> Self {
        const FIRST: &str = "/transactions/0";
        let shortened = |pointer: String| match pointer.strip_prefix(FIRST) {
            Some(rest) => rest.to_owned(),
            None => pointer,
        };
        match self {
            Self::Invalid { pointer, detail } => Self::Invalid {
                pointer: shortened(pointer),
                detail,
            },
            other => other,
        }
    }

    /// The same fault of a history that is a part of a larger document.
    #[must_use]
    pub fn within(self, place: &str) -> Self {
        match self {
            Self::NotUtf8 { .. } => self,
            Self::Malformed {
                pointer,
                detail,
                line,
                column,
            } => Self::Malformed {
                pointer: format!("{place}{pointer}"),
                detail,
                line,
                column,
            },
            Self::Invalid { pointer, detail } => Self::Invalid {
                pointer: format!("{place}{pointer}"),
                detail,
            },
        }
    }

    /// From a parse that kept the path to where it stopped.
    pub(super) fn locate(path: &Path, error: &serde_json::Error) -> Self {
        let pointer = pointer(path);
        let text = error.to_string();
        let position = format!(" at line {} column {}", error.line(), error.column());
        let text = text.strip_suffix(&position).unwrap_or(&text);
        match error.classify() {
            // 1e999 is JSON, but no binary number has this value.
            Category::Syntax if text == "number out of range" => Self::Invalid {
                pointer,
                detail: "the number is out of range".to_owned(),
            },
            Category::Data => Self::Invalid {
                pointer,
                detail: without_values(text),
            },
            Category::Syntax | Category::Eof | Category::Io => Self::Malformed {
                pointer,
                detail: text.to_owned(),
                line: error.line(),
                column: error.column(),
            },
        }
    }
}

/// Serde writes `invalid type: string "…", expected …`: the message keeps only what was expected, without names of Rust.
fn without_values(text: &str) -> String {
    match text.rsplit_once(", expected ") {
        Some((_, "usize" | "u64" | "u32")) => "expected a whole number".to_owned(),
        Some((_, "f64")) => "expected a number".to_owned(),
        Some((_, expected)) => format!("expected {expected}"),
        None => text.to_owned(),
    }
}

/// A JSON Pointer (RFC 6901); it ends before a name of more than [`MAX_NAME_BYTES`].
fn pointer(path: &Path) -> String {
    path.iter()
        .take_while(
            |segment| !matches!(segment, Segment::Map { key } if key.len() > MAX_NAME_BYTES),
        )
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(format!("/{index}")),
            Segment::Map { key } | Segment::Enum { variant: key } => {
                Some(format!("/{}", key.replace('~', "~0").replace('/', "~1")))
            }
            Segment::Unknown => None,
        })
        .collect()
}

impl From<HistoryError> for Problem {
    fn from(error: HistoryError) -> Self {
        match error {
            HistoryError::NotUtf8 { offset } => Self::at(
                ProblemKind::MalformedBody,
                "",
                format!("not UTF-8 at byte {offset}"),
            ),
            HistoryError::Malformed {
                pointer,
                detail,
                line,
                column,
            } => {
                let fault = format!("{detail} at line {line}, column {column}");
                Self::at(ProblemKind::MalformedBody, pointer, fault)
            }
            HistoryError::Invalid { pointer, detail } => {
                Self::at(ProblemKind::InvalidContent, pointer, detail)
            }
        }
    }
}
