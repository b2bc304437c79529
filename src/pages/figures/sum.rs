//! Sum of one target, step by step: what a waterfall draws and its table lists.

use crate::documents::{Contribution, Explanation, Target};
use crate::numbers::{percent, plain, signed};

/// A difference that is only rounding.
const ROUNDING: f64 = 1e-6;

/// A number at an end of the sum.
pub(super) struct End {
    /// In few words, beside the drawing.
    pub(super) short: String,
    pub(super) name: String,
    pub(super) value: f64,
}

/// One step of the sum.
pub(super) struct Step {
    pub(super) name: String,
    pub(super) share: Option<f64>,
    pub(super) amount: f64,
    /// What it adds alone, where pairs of parts are listed.
    pub(super) alone: Option<f64>,
    /// The ends of the interval of its amount.
    pub(super) interval: Option<[f64; 2]>,
    pub(super) class: &'static str,
}

pub(super) struct Sum {
    pub(super) title: String,
    pub(super) caption: String,
    pub(super) start: End,
    pub(super) steps: Vec<Step>,
    pub(super) end: End,
}

impl Sum {
    pub(super) fn of(explanation: &Explanation, target: &Target) -> Self {
        match target.unassigned {
            Some(unassigned) => Self::of_change(explanation, target, unassigned),
            None => Self::of_number(explanation, target),
        }
    }

    /// What makes a number: from the surrogate's number without the parts to the network's.
    fn of_number(explanation: &Explanation, target: &Target) -> Self {
        let is_baseline = (target.intercept - target.base_value).abs() < ROUNDING;
        let (short, name) = match &*explanation.baseline.kind {
            "population" if is_baseline => ("the population", "what the population would get"),
            "segment" if is_baseline => ("the micro-segment", "what the micro-segment would get"),
            _ => ("start", "start: the surrogate without these"),
        };
        let of_baseline = if is_baseline {
            String::new()
        } else {
            let number = plain(target.base_value);
            format!(" The network's own number for the baseline is {number}.")
        };
        Self {
            title: format!("What makes {}", target.in_words()),
            caption: format!(
                "Read from above: {} is {}, each part raises or lowers it, and the sum is the network's {}.{of_baseline} \
                {}Whiskers are 95 % intervals.",
                if is_baseline {
                    name
                } else {
                    "the surrogate's number without these parts"
                },
                plain(target.intercept),
                plain(target.value),
                others(explanation, target)
            ),
            start: End {
                short: short.to_owned(),
                name: name.to_owned(),
                value: target.intercept,
            },
            steps: steps(target, None),
            end: End {
                short: "the network".to_owned(),
                name: "the network's number".to_owned(),
                value: target.value,
            },
        }
    }

    /// What changed a number: from the earlier one, or that of the center of the micro-segment, to the one of now.
    fn of_change(explanation: &Explanation, target: &Target, unassigned: f64) -> Self {
        let target_name = target.in_words();
        let since = explanation.method.since_in_words();
        let (title, short, apart, told) = match &since {
            Some(since) => (
                format!("What changed {target_name} since {since}"),
                format!("before {since}"),
                "going on as before",
                "is what time alone changes where habits stay as they were",
            ),
            None => (
                format!("What separates {target_name} from the center"),
                "the center".to_owned(),
                "apart from the parts",
                "is what the mean basket of the micro-segment does not give of its center",
            ),
        };
        Self {
            title,
            caption: format!(
                "Read from above: {short} it was {}, each part of the spending since then raises or lowers it, and the sum is the \
                number of now, {}. “{apart}” {told}; it belongs to no part. {}Whiskers are 95 % intervals.",
                plain(target.base_value),
                plain(target.value),
                others(explanation, target)
            ),
            start: End {
                name: short.clone(),
                short,
                value: target.base_value,
            },
            steps: steps(target, Some(Step::apart(apart, unassigned))),
            end: End {
                short: "now".to_owned(),
                name: "the network's number now".to_owned(),
                value: target.value,
            },
        }
    }
}

/// How large each of the parts is that are one bar; empty where it is not known: of cells and events some have no name.
fn others(explanation: &Explanation, target: &Target) -> String {
    let listed = target.contributions.iter();
    let least = listed.map(|part| part.amount.abs()).min_by(f64::total_cmp);
    match (least, target.other.name()) {
        (Some(least), Some(name)) if explanation.method.level == "class" => {
            format!(
                "Of the {name} none adds or takes more than {}. ",
                plain(least)
            )
        }
        _ => String::new(),
    }
}

fn steps(target: &Target, first: Option<Step>) -> Vec<Step> {
    let parts = target.contributions.iter().map(Step::of);
    let mut steps: Vec<Step> = first.into_iter().chain(parts).collect();
    if let Some(name) = target.other.name() {
        steps.push(Step {
            name,
            share: Some(target.other.share),
            amount: target.other.contribution,
            alone: None,
            interval: None,
            class: if target.other.contribution < 0.0 {
                "lowers pale"
            } else {
                "raises pale"
            },
        });
    }
    steps.push(Step::apart("what the surrogate misses", target.residual));
    steps
}

impl Step {
    fn of(part: &Contribution) -> Self {
        let amount = part.amount;
        // The interval is that of the coefficient; a contribution may be a multiple of it.
        let times = if part.coefficient == 0.0 {
            1.0
        } else {
            amount / part.coefficient
        };
        Self {
            name: part.name(),
            share: Some(part.share),
            amount,
            alone: part.main_effect,
            interval: part.ci95.map(|ends| ends.map(|end| end * times)),
            class: if amount < 0.0 { "lowers" } else { "raises" },
        }
    }

    /// A step that belongs to no part.
    fn apart(name: &str, amount: f64) -> Self {
        Self {
            name: name.to_owned(),
            share: None,
            amount,
            alone: None,
            interval: None,
            class: "missed",
        }
    }

    pub(super) fn label(&self) -> String {
        let share = self.share.map_or(String::new(), |share| {
            format!(" ({} of the spending)", percent(share))
        });
        let interval = self.interval.map_or(String::new(), |[low, high]| {
            format!(", 95 % interval {} to {}", signed(low), signed(high))
        });
        format!("{}{share}: {}{interval}", self.name, signed(self.amount))
    }
}
