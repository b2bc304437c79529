//! Recourse in words: what was wished for, what was found, and how firm the micro-segment is.

use serde_json::{Map, Value};

use crate::documents::{Alternative, ClassChange, Recourse};
use crate::numbers::{grouped, percent_of_tenths, plain};
use crate::verdict::VerdictText;

/// Below this share of the spending a micro-segment is called barely held.
const LITTLE: f64 = 0.05;

/// What was wished for.
pub(crate) fn wish(recourse: &Recourse, options: &Map<String, Value>) -> String {
    let wish = options.get("wish");
    let member = |name: &str| wish.and_then(|wish| wish.get(name));
    let bound = |name: &str| member(name).and_then(Value::as_f64).map(plain);
    if let Some(segment) = member("segment").and_then(Value::as_str) {
        return match segment {
            "any" => format!("another micro-segment than {}", recourse.segment),
            named => format!("micro-segment {named}"),
        };
    }
    let target = target(options);
    match (bound("above"), bound("below")) {
        (Some(above), Some(below)) => format!("{target} between {above} and {below}"),
        (Some(above), None) => format!("{target} above {above}"),
        (None, Some(below)) => format!("{target} below {below}"),
        (None, None) => "what was wished for".to_owned(),
    }
}

/// The number that was asked about.
pub(crate) fn target(options: &Map<String, Value>) -> &str {
    let target = options.get("target").and_then(Value::as_str);
    target.unwrap_or("the decision")
}

/// The status as the page's verdict.
pub(crate) fn verdict(recourse: &Recourse, options: &Map<String, Value>) -> VerdictText {
    let wish = wish(recourse, options);
    let (tone, sign, headline, text) = match &*recourse.status {
        "found" => (
            "good",
            "✓",
            format!("Each of these changes leads to {wish}."),
            "The network was run with exactly these amounts; nothing is estimated. It says what the network would give, not \
            what the customer should do.",
        ),
        "fulfilled" => (
            "good",
            "✓",
            format!("Nothing has to change: the network gives {wish} as it is."),
            "",
        ),
        "not_found" => (
            "warn",
            "!",
            format!("No change that leads to {wish} was found."),
            "That is an answer, and no proof that there is none: a larger budget or more classes may lead there.",
        ),
        other => ("warn", "!", format!("Status: {other}."), ""),
    };
    VerdictText {
        tone,
        sign,
        headline,
        text,
        reasons: Vec::new(),
    }
}

/// The least change, in a sentence.
pub(crate) fn least(recourse: &Recourse, options: &Map<String, Value>) -> String {
    let Some(least) = recourse.alternatives.first() else {
        return match &*recourse.status {
            "fulfilled" => "Nothing has to.".to_owned(),
            _ => format!(
                "Nothing that was looked at: {} inputs of the network.",
                recourse.evaluations
            ),
        };
    };
    format!(
        "{} of the spending of {} ({} of {}) from {} to {}: {}.",
        percent_of_tenths(least.moved_share),
        recourse.period,
        grouped(least.moved_amount),
        grouped(recourse.spending),
        classes(least.taken()),
        classes(least.given()),
        outcome(recourse, least, options)
    )
}

/// How firm the micro-segment is; `None` where the wish was another one.
pub(crate) fn robustness(recourse: &Recourse) -> Option<String> {
    let robustness = recourse.robustness?;
    let judged = if robustness < LITTLE {
        " So little separates the customer from another one: look further before the segment decides anything."
    } else {
        ""
    };
    Some(format!(
        "It takes {} of the spending of {} to leave micro-segment {}.{judged}",
        percent_of_tenths(robustness),
        recourse.period,
        recourse.segment
    ))
}

/// What comes out of a change.
pub(crate) fn outcome(
    recourse: &Recourse,
    alternative: &Alternative,
    options: &Map<String, Value>,
) -> String {
    match (recourse.value, alternative.value) {
        (Some(before), Some(after)) => {
            format!("{} {} → {}", target(options), plain(before), plain(after))
        }
        _ => format!(
            "micro-segment {} → {}",
            recourse.segment, alternative.segment
        ),
    }
}

/// The names of classes, in a sentence.
pub(crate) fn classes<'a>(changes: impl Iterator<Item = &'a ClassChange>) -> String {
    let names: Vec<&str> = changes.map(|change| &*change.title).collect();
    match names.as_slice() {
        [] => "no class".to_owned(),
        [name] => (*name).to_owned(),
        [names @ .., last] => format!("{} and {last}", names.join(", ")),
    }
}

impl Alternative {
    /// The classes that less is spent on.
    pub(crate) fn taken(&self) -> impl Iterator<Item = &ClassChange> {
        let changes = self.changes.iter();
        changes.filter(|change| change.new_amount < change.amount)
    }

    /// The classes that more is spent on.
    pub(crate) fn given(&self) -> impl Iterator<Item = &ClassChange> {
        let changes = self.changes.iter();
        changes.filter(|change| change.new_amount > change.amount)
    }
}
