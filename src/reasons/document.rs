//! A catalogue as it stands in its file.

use serde::{Deserialize, Serialize};

/// `reasons/<language>.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CatalogueDocument {
    /// Which catalogue this is, the same in all languages of a bundle.
    pub(super) version: String,
    /// The tag of the language, as in the file's name.
    pub(super) language: String,
    /// How numbers are written.
    pub(super) numbers: NumbersDocument,
    /// What the network's numbers are called.
    pub(super) targets: TargetsDocument,
    /// The sentences.
    pub(super) texts: TextsDocument,
    /// What can drive a number.
    pub(super) codes: Vec<Code>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NumbersDocument {
    /// What stands before the decimals.
    pub(super) decimal_mark: String,
    /// With `{number}`.
    pub(super) percent: String,
    /// A share that is there, but would round to nothing.
    pub(super) under_1_percent: String,
    /// A share that is not all, but would round to it.
    pub(super) over_99_percent: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TargetsDocument {
    /// One for each output of the network.
    pub(super) outputs: Vec<OutputDocument>,
    /// With `{index}`.
    pub(super) state: String,
    /// The margin of the micro-segment.
    pub(super) segment: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OutputDocument {
    /// The output.
    pub(super) name: String,
    /// What it is called in a sentence.
    pub(super) text: String,
}

/// The sentences for each kind of part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TextsDocument {
    /// With `{class}`.
    pub(super) class: SentencesDocument,
    /// With `{period}`.
    pub(super) period: SentencesDocument,
    /// With both.
    pub(super) cell: SentencesDocument,
}

/// The sentences for each kind of effect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SentencesDocument {
    /// With `{share}`, `{target}` and `{amount}`.
    pub(super) raises: String,
    /// With the same.
    pub(super) lowers: String,
    /// With `{share}` and `{target}`.
    pub(super) keeps: String,
    /// With `{target}`, `{value}` and `{counterfactual}`: with 10 % more of the spending.
    pub(super) would_be: String,
    /// With `{target}` and `{value}`: likewise, where nothing changes.
    pub(super) would_stay: String,
}

/// One code of a catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// 1 to 16 of A-Z, 0-9 and hyphens, such as `R001`.
    pub code: String,
    /// The class that it stands for; `null` for all spending of a period.
    pub class: Option<String>,
    /// What that is called in a sentence.
    pub text: String,
}
