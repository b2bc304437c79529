//! Result of an audit of the chain.

use std::fmt;

use serde::Serialize;

/// The result of an audit of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Audit {
    /// Whether nothing is broken, and the anchor, if there was one, is in the chain.
    pub whole: bool,
    /// All entries.
    pub entries: u64,
    /// The explanations among them, erased or not.
    pub explanations: u64,
    /// The explanations that were erased.
    pub erased: u64,
    /// The entries that list what was erased.
    pub erasures: u64,
    /// The hash of the last entry, in lower-case hex: the anchor of a later audit. `None` when there is no entry.
    pub head: Option<String>,
    /// The first place where the chain is broken.
    pub broken: Option<Broken>,
    /// Where the anchor is.
    pub anchor: Anchor,
}

/// The place in the chain of a hash that was noted elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "found", rename_all = "snake_case")]
pub enum Anchor {
    /// None was given.
    NotGiven,
    /// It is the hash of an entry.
    Here {
        /// The entry's number.
        sequence: u64,
    },
    /// No entry has it: the chain's end was cut off, or all of it written anew.
    Nowhere,
}

/// A place where the chain is broken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Broken {
    /// The entry's number.
    pub sequence: u64,
    /// What is wrong there.
    #[serde(flatten)]
    pub fault: Fault,
}

/// What is wrong with an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum Fault {
    /// There is no entry with this number.
    Absent {
        /// The number of the entry that stands there.
        found: i64,
    },
    /// The hash before it is not that of the entry before it.
    PreviousHash,
    /// The document is no sealed record, or lacks a member that every record has; or a column cannot be read.
    Unreadable,
    /// The entry's hash is not the one that the hash before it and its document's hash make.
    RecordHash,
    /// The hash of the document's bytes is not the one recorded.
    DocumentHash,
    /// A column disagrees with the document.
    Column {
        /// The column.
        name: &'static str,
    },
    /// There is a document with this number, and no entry.
    NoEntry,
    /// The document is missing, and no later erasure lists the entry with its hash.
    Missing,
    /// It was erased, but some of its columns still have values.
    Remains,
    /// It is an erasure, and lists an entry that is not erased, or was listed before.
    NotErased {
        /// The listed entry's number.
        sequence: u64,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent { found } => {
                write!(formatter, "it is absent, entry {found} stands in its place")
            }
            Self::PreviousHash => {
                formatter.write_str("the hash before it is not that of the entry before it")
            }
            Self::Unreadable => formatter.write_str("it cannot be read as a record"),
            Self::RecordHash => formatter
                .write_str("its hash is not that of its document's hash and the hash before it"),
            Self::NoEntry => formatter.write_str("there is a document, but no entry"),
            Self::DocumentHash => {
                formatter.write_str("the document's hash is not the one recorded")
            }
            Self::Column { name } => {
                write!(
                    formatter,
                    "the column {name} does not say what the document says"
                )
            }
            Self::Missing => {
                formatter.write_str("the document is missing, and no later erasure lists it")
            }
            Self::Remains => {
                formatter.write_str("it was erased, but something of it is still there")
            }
            Self::NotErased { sequence } => write!(
                formatter,
                "it says that entry {sequence} was erased, which is not so, or was said before"
            ),
        }
    }
}
