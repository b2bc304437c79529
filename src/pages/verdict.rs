//! Verdict in words.

use serde::Serialize;

/// A verdict as a page shows it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct VerdictText {
    /// The class of its colour; its sign says the same without colour.
    pub(crate) tone: &'static str,
    pub(crate) sign: &'static str,
    pub(crate) headline: String,
    pub(crate) text: &'static str,
    pub(crate) reasons: Vec<String>,
}

pub(crate) fn in_words(verdict: &str, reasons: &[String]) -> VerdictText {
    let (tone, sign, headline, text) = match verdict {
        "ok" => (
            "good",
            "✓",
            "You can rely on this explanation.",
            "The surrogate was tested where it was not fitted and follows the network there, and drawing again changes little.",
        ),
        "low_fidelity" => (
            "bad",
            "✕",
            "Do not rely on this explanation.",
            "The surrogate does not follow the network well enough, or could not be tested:",
        ),
        "unstable" => (
            "warn",
            "!",
            "Rely on this explanation with care.",
            "The surrogate follows the network, but drawing again changes the ranking or the coefficients:",
        ),
        other => {
            return VerdictText {
                tone: "warn",
                sign: "!",
                headline: format!("Verdict: {other}."),
                text: "",
                reasons: reasons.to_vec(),
            };
        }
    };
    VerdictText {
        tone,
        sign,
        headline: headline.to_owned(),
        text,
        reasons: reasons.to_vec(),
    }
}

/// The class of a verdict's colour.
pub(crate) fn tone(verdict: &str) -> &'static str {
    in_words(verdict, &[]).tone
}
