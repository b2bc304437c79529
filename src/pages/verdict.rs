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

/// What can be said of a verdict without knowing the method.
struct Known {
    name: &'static str,
    tone: &'static str,
    sign: &'static str,
    headline: &'static str,
}

/// The verdicts that a document may have.
const KNOWN: [Known; 5] = [
    Known {
        name: "ok",
        tone: "good",
        sign: "✓",
        headline: "You can rely on this explanation.",
    },
    Known {
        name: "borderline",
        tone: "warn",
        sign: "≈",
        headline: "This explanation is at the edge of what can be relied on.",
    },
    Known {
        name: "unstable",
        tone: "warn",
        sign: "!",
        headline: "Rely on this explanation with care.",
    },
    Known {
        name: "low_fidelity",
        tone: "bad",
        sign: "✕",
        headline: "Do not rely on this explanation.",
    },
    Known {
        name: "nothing_to_explain",
        tone: "plain",
        sign: "–",
        headline: "There is nothing to explain.",
    },
];

/// The names of all verdicts.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().map(|known| known.name)
}

fn known(verdict: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.name == verdict)
}

/// A verdict on what a method of this name found.
pub(crate) fn in_words(verdict: &str, reasons: &[String], method: &str) -> VerdictText {
    VerdictText {
        tone: tone(verdict),
        sign: known(verdict).map_or("!", |known| known.sign),
        headline: headline(verdict),
        text: text(verdict, method),
        reasons: reasons.to_vec(),
    }
}

/// A verdict in a sentence.
pub(crate) fn headline(verdict: &str) -> String {
    known(verdict).map_or_else(
        || format!("Verdict: {verdict}."),
        |known| known.headline.to_owned(),
    )
}

/// The class of a verdict's colour.
pub(crate) fn tone(verdict: &str) -> &'static str {
    known(verdict).map_or("warn", |known| known.tone)
}

/// Why, in a sentence.
fn text(verdict: &str, method: &str) -> &'static str {
    let has_shapley_values = matches!(method, "shapley" | "change");
    match (verdict, method) {
        ("ok", _) if has_shapley_values => {
            "The numbers add up exactly, and another draw of perturbations would hardly change them."
        }
        ("ok", "global-linear") => {
            "The linear model was tested on customers that it was not fitted to, and follows this customer's own trajectory."
        }
        ("ok", _) => {
            "The surrogate was tested where it was not fitted and follows the network there, and drawing again changes little."
        }
        ("borderline", _) => {
            "What was measured is so near the threshold that another draw may fall on the other side:"
        }
        ("low_fidelity", _) => {
            "The surrogate does not follow the network well enough, or could not be tested:"
        }
        ("unstable", _) if has_shapley_values => {
            "The numbers add up exactly, but another draw of perturbations would change them; more samples help:"
        }
        ("unstable", _) => {
            "The surrogate follows the network, but drawing again changes the ranking or the coefficients:"
        }
        ("nothing_to_explain", _) => "All spending is one part, or no part changes the number:",
        _ => "",
    }
}
