//! Summaries of explanations: what a list shows of a record, kept in a column of its own.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a list shows of an explanation, beside its id and its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordSummary {
    /// The model that is explained, as the document has it.
    pub model: Value,
    /// The name of the surrogate's method.
    pub method: String,
    /// What one coefficient stands for.
    pub level: String,
    /// The names of the numbers that are explained.
    pub targets: Vec<String>,
    /// Whether to trust the explanation.
    pub verdict: String,
}

/// The members of a document that are in its summary.
#[derive(Deserialize)]
struct Summarized {
    model: Value,
    method: SummarizedMethod,
    targets: Vec<SummarizedTarget>,
    quality: SummarizedQuality,
}

#[derive(Deserialize)]
struct SummarizedMethod {
    name: String,
    level: String,
}

#[derive(Deserialize)]
struct SummarizedTarget {
    name: String,
}

#[derive(Deserialize)]
struct SummarizedQuality {
    verdict: String,
}

impl RecordSummary {
    /// The summary of a document; `None` when it lacks a member of it.
    pub(crate) fn of_document(document: &[u8]) -> Option<Self> {
        let summarized: Summarized = serde_json::from_slice(document).ok()?;
        Some(Self {
            model: summarized.model,
            method: summarized.method.name,
            level: summarized.method.level,
            targets: summarized
                .targets
                .into_iter()
                .map(|target| target.name)
                .collect(),
            verdict: summarized.quality.verdict,
        })
    }

    /// Reads the text of the column; `None` when it is no summary.
    pub(crate) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The text of the column; `None` when it cannot be written.
    pub(crate) fn write(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summary_is_read_back_from_its_column() {
        let document = br#"{"id":"1","model":{"name":"m","version":"1"},"method":{"name":"lime","level":"cell"},
            "targets":[{"name":"a","value":1.5},{"name":"b"}],"quality":{"verdict":"faithful"}}"#;
        let summary = RecordSummary::of_document(document).unwrap();
        assert_eq!(summary.targets, ["a", "b"]);
        let text = summary.write().unwrap();
        assert!(!text.contains("1.5"), "{text}");
        assert_eq!(RecordSummary::read(&text), Some(summary));
    }

    #[test]
    fn document_without_a_member_has_no_summary() {
        assert_eq!(RecordSummary::of_document(br#"{"id":"1"}"#), None);
        assert_eq!(RecordSummary::read("{}"), None);
    }
}
