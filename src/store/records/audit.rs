//! Result of an audit of the chain.

use serde::Serialize;

use crate::fault::Broken;

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
