//! Faults of the chain: where it is broken, and how.

use std::fmt;

use serde::Serialize;

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
