//! Document of a catalogue: the JSON of its file.

use serde::{Deserialize, Serialize};

/// `reasons/<language>.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CatalogueDocument {
    /// The version of the catalogue, the same in all languages of a bundle.
    pub(super) version: String,
    /// The tag of the language, as in the file's name.
    pub(super) language: String,
    /// How numbers are written.
    pub(super) numbers: NumbersDocument,
    /// The names of the network's numbers.
    pub(super) targets: TargetsDocument,
    /// The sentences.
    pub(super) texts: TextsDocument,
    /// The codes of the parts of spending.
    pub(super) codes: Vec<Code>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NumbersDocument {
    /// The character before the decimals.
    pub(super) decimal_mark: String,
    /// With `{number}`.
    pub(super) percent: String,
    /// The text for a share above 0 % that would round to 0 %.
    pub(super) under_1_percent: String,
    /// The text for a share below 100 % that would round to 100 %.
    pub(super) over_99_percent: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TargetsDocument {
    /// One for each output of the network.
    pub(super) outputs: Vec<OutputDocument>,
    /// With `{index}`.
    pub(super) state: String,
    /// The distance to the boundary of the micro-segment.
    pub(super) segment: String,
    /// The caller's own score; its name in documents, `decision`, where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) decision: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OutputDocument {
    /// The output.
    pub(super) name: String,
    /// Its name in a sentence.
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
    /// With `{sentence}`: a sentence that is not to be relied on, since the explanation's verdict says so. Without it there are no
    /// such sentences.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) uncertain: Option<String>,
    /// With `{period}` and `{sentence}`: a sentence about what was spent since then, compared with the time before. Without it there
    /// are no such sentences.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) since: Option<String>,
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
    /// Its name in a sentence.
    pub text: String,
}
