//! Causes and reasons: one part of the spending with its effect, and the sentence about it.

use schemars::JsonSchema;
use serde::Serialize;

/// One part of a customer's spending, with its effect on one of the network's numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cause<'a> {
    /// The class, for a part that has one; with `period` a class in one period.
    pub class: Option<&'a str>,
    /// The period, for a part that has one, as a scoring names it: `2019`, `2019-Q2` or `2019-03`.
    pub period: Option<&'a str>,
    /// The number: an output's name, `state.3` (from 0), or `segment` for the margin of the micro-segment.
    pub target: &'a str,
    /// The part's share of all spending in the window, 0 to 1.
    pub share: f64,
    /// Its effect on the number.
    pub effect: Effect,
}

/// The effect of a part of the spending on a number; all numbers are finite, and in the number's unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Effect {
    /// It adds so much; below 0 it takes away.
    Adds(f64),
    /// The number, and the number with 10 % more of this spending.
    Counterfactual {
        /// The number.
        value: f64,
        /// The number with 10 % more of this spending.
        counterfactual: f64,
    },
}

/// A numbered reason in a sentence.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize)]
pub struct Reason {
    /// The code of the class, or of all spending of a period; the same in every language.
    pub code: String,
    /// The direction of the change.
    pub sign: Sign,
    /// The class, for a part that has one.
    pub class: Option<String>,
    /// The period, for a part that has one.
    pub period: Option<String>,
    /// The sentence.
    pub text: String,
    /// `true` where the verdict says not to rely on the numbers, and so does the sentence; absent elsewhere.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schemars(example = true)]
    pub uncertain: bool,
}

/// The direction of a number's change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize)]
pub enum Sign {
    /// Up, or no change.
    #[serde(rename = "+")]
    Plus,
    /// Down.
    #[serde(rename = "-")]
    Minus,
}

impl Effect {
    /// The change of the number.
    #[must_use]
    pub fn change(self) -> f64 {
        match self {
            Self::Adds(amount) => amount,
            Self::Counterfactual {
                value,
                counterfactual,
            } => counterfactual - value,
        }
    }

    /// The direction of the change.
    #[must_use]
    pub fn sign(self) -> Sign {
        if self.change() < 0.0 {
            Sign::Minus
        } else {
            Sign::Plus
        }
    }
}
