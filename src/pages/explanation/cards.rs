//! Cards at the top of the page: the questions that a reader has first, each answered in a sentence.

use serde::Serialize;
use serde_json::Value;

use super::parts::Parts;
use crate::course::place;
use crate::documents::{Explanation, Target};
use crate::numbers::{percent, percent_of_tenths, signed};
use crate::recourse::{least, robustness};
use crate::verdict;

#[derive(Serialize)]
pub(super) struct Card {
    title: &'static str,
    text: String,
}

pub(super) fn cards(parts: &Parts) -> Vec<Card> {
    let explanation = &parts.explanation;
    let mut cards = match &explanation.recourse {
        Some(recourse) => {
            let mut cards = vec![Card {
                title: "What would change it?",
                text: least(recourse, &explanation.options),
            }];
            cards.extend(robustness(recourse).map(|text| Card {
                title: "How firm is the micro-segment?",
                text,
            }));
            cards
        }
        None => vec![Card {
            title: if is_change(explanation) {
                "What changed most?"
            } else {
                "Which spending matters most?"
            },
            text: strongest(&explanation.targets),
        }],
    };
    if let Some(course) = &parts.course {
        cards.push(Card {
            title: "Where is the customer?",
            text: place(&course.scoring),
        });
    }
    cards.push(Card {
        title: "Can I trust this?",
        text: trust(explanation),
    });
    cards.push(origin(explanation));
    cards
}

/// Whether it tells what changed.
pub(super) fn is_change(explanation: &Explanation) -> bool {
    let mut targets = explanation.targets.iter();
    targets.any(|target| target.unassigned.is_some())
}

fn origin(explanation: &Explanation) -> Card {
    let service = explanation.runtime.get("service").and_then(Value::as_str);
    let is_record = explanation.record_sha256.is_some();
    Card {
        title: if is_record {
            "Who recorded it?"
        } else {
            "Who made it?"
        },
        text: format!(
            "{}{}, for request {}.",
            service.unwrap_or("microseg"),
            if is_record {
                ", in its chain of records"
            } else {
                ", and did not record it"
            },
            explanation.request_id.as_deref().unwrap_or("–")
        ),
    }
}

fn trust(explanation: &Explanation) -> String {
    if explanation.recourse.is_some() {
        return "The network was run with each of these changes. There may be a smaller one that the search did not meet."
            .to_owned();
    }
    let headline = verdict::headline(&explanation.quality.verdict);
    let targets = explanation.targets.iter();
    if explanation.has_shapley_values() {
        let errors = targets.filter_map(|target| target.fidelity.relative_standard_error);
        return match errors.max_by(f64::total_cmp) {
            Some(error) if error > 0.0 => format!(
                "{headline} Another draw would change the values by about {} of their spread; above 10 % would be too much.",
                percent_of_tenths(error)
            ),
            Some(_) => format!("{headline} All combinations were run: the values are exact."),
            None => headline,
        };
    }
    let held_out = targets.filter_map(|target| target.fidelity.held_out);
    match held_out.min_by(f64::total_cmp) {
        Some(least) => format!("{headline} The lowest held-out R² is {least:.3}; 1 is perfect."),
        None => format!("{headline} No held-out R² could be measured."),
    }
}

/// The contribution that is largest over all targets, in words.
fn strongest(targets: &[Target]) -> String {
    let all = targets.iter().flat_map(|target| {
        let parts = target.contributions.iter();
        parts.map(move |part| (target, part))
    });
    let strongest = all.max_by(|(_, a), (_, b)| a.amount.abs().total_cmp(&b.amount.abs()));
    strongest.map_or("Nothing stands out.".to_owned(), |(target, part)| {
        let verb = if part.amount < 0.0 { "lowers" } else { "raises" };
        format!(
            "{} ({} of the spending): it {verb} {} by {}, more than any other part changes any number here.",
            part.name(),
            percent(part.share),
            target.in_words(),
            signed(part.amount).trim_start_matches(['+', '−'])
        )
    })
}
