//! Faults in the form of an inference request: where they are, and what was expected there.

use serde::de::DeserializeOwned;
use serde_json::error::Category;
use serde_path_to_error::{Path, Segment};

/// What is malformed in a message. It repeats nothing of the message but its structure.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}{fault}, at line {line}, column {column}")]
pub(super) struct MessageFault {
    /// With a colon behind it, such as `inputs/0/shape: `; empty for the whole message.
    place: String,
    fault: String,
    /// From 1.
    line: usize,
    /// From 1.
    column: usize,
}

impl MessageFault {
    /// The fault of a message that could not be read as a `T`.
    pub(super) fn of<T: DeserializeOwned>(json: &[u8]) -> Option<Self> {
        let mut deserializer = serde_json::Deserializer::from_slice(json);
        let read: Result<T, _> = serde_path_to_error::deserialize(&mut deserializer);
        let Err(error) = read else {
            // The message is whole: what is behind it is the fault.
            let error = deserializer.end().err()?;
            return Some(Self::new(String::new(), "not JSON".to_owned(), &error));
        };
        let pointer = pointer(error.path());
        let error = error.into_inner();
        let fault = match error.classify() {
            Category::Data => expectation(&pointer, &error.to_string()),
            Category::Eof => "the JSON ends too early".to_owned(),
            Category::Syntax | Category::Io => "not JSON, or a number beyond all size".to_owned(),
        };
        Some(Self::new(pointer, fault, &error))
    }

    fn new(pointer: String, fault: String, error: &serde_json::Error) -> Self {
        let place = if pointer.is_empty() {
            pointer
        } else {
            pointer + ": "
        };
        Self {
            place,
            fault,
            line: error.line(),
            column: error.column(),
        }
    }
}

impl From<&serde_json::Error> for MessageFault {
    fn from(error: &serde_json::Error) -> Self {
        Self::new(String::new(), "not an inference request".to_owned(), error)
    }
}

/// The members of a request; other names are the client's own, and are not repeated.
const MEMBERS: [(&str, &str); 11] = [
    ("id", "a string or null"),
    ("inputs", "an array of tensors"),
    ("outputs", "an array of outputs or null"),
    ("parameters", "an object or null"),
    ("name", "a string"),
    ("shape", "an array of whole numbers from 0"),
    ("datatype", "a string"),
    ("data", "numbers, flat or nested"),
    ("binary_data_size", "a whole number from 0"),
    ("binary_data_output", "true or false"),
    ("binary_data", "true or false"),
];

/// The most parts of a place: a number of a tensor has six. A client may nest arrays without end.
const DEEPEST: usize = 8;

fn pointer(path: &Path) -> String {
    let segments = path.iter().map_while(|segment| match segment {
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Map { key } => {
            let known = MEMBERS.iter().find(|(name, _)| name == key);
            known.map(|(name, _)| (*name).to_owned())
        }
        Segment::Enum { .. } | Segment::Unknown => None,
    });
    segments.take(DEEPEST).collect::<Vec<_>>().join("/")
}

/// What was expected at a place. `message` is the parser's own, of which only the names of members are used.
fn expectation(pointer: &str, message: &str) -> String {
    for (prefix, fault) in [
        ("missing field `", "is missing"),
        ("duplicate field `", "is given twice"),
    ] {
        let name = message.strip_prefix(prefix);
        if let Some((name, _)) = name.and_then(|rest| rest.split_once('`')) {
            return format!("`{name}` {fault}");
        }
    }
    let mut segments = pointer.rsplit('/');
    let is_number = |segment: &str| segment.bytes().all(|byte| byte.is_ascii_digit());
    match segments.next() {
        None | Some("") => "expected an object with `inputs`".to_owned(),
        Some(last) if is_number(last) => {
            let of = segments.find(|segment| !is_number(segment));
            match of {
                Some("inputs" | "outputs") => "expected an object".to_owned(),
                Some("shape") => "expected a whole number from 0".to_owned(),
                _ => "expected a number or an array of numbers".to_owned(),
            }
        }
        Some(last) => {
            let known = MEMBERS.iter().find(|(name, _)| *name == last);
            format!(
                "expected {}",
                known.map_or("another value", |(_, what)| what)
            )
        }
    }
}
