//! Quality of an explanation: verdicts, and their causes by name.

use schemars::JsonSchema;
use serde::Serialize;
use strum::{EnumString, IntoStaticStr};

/// Whether to trust an explanation, or that of one target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Verdict {
    /// Every threshold is met.
    Ok,
    /// A surrogate does not give the network's numbers well enough, or it could hardly be tested.
    LowFidelity,
    /// Another draw of perturbations could give other numbers.
    Unstable,
    /// A threshold lies within the error of what was measured: another draw could be on its other side.
    Borderline,
    /// There is one part alone, or no part changes the number.
    NothingToExplain,
}

impl Verdict {
    /// As documents spell it.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// How much it warns: the verdict of an explanation is that of the target which warns most.
    fn severity(self) -> u8 {
        match self {
            Self::NothingToExplain => 0,
            Self::Ok => 1,
            Self::Borderline => 2,
            Self::Unstable => 3,
            Self::LowFidelity => 4,
        }
    }

    /// That of the target which warns most.
    pub(crate) fn of_all(verdicts: impl Iterator<Item = Self>) -> Self {
        verdicts
            .max_by_key(|verdict| verdict.severity())
            .unwrap_or(Self::NothingToExplain)
    }

    /// Whether it says not to rely on the numbers.
    pub(crate) fn is_distrust(self) -> bool {
        matches!(self, Self::LowFidelity | Self::Unstable)
    }
}

/// Whether to trust the explanation of one target.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct TargetQuality {
    /// Whether to trust it.
    #[schemars(example = &"ok")]
    pub verdict: Verdict,
    /// Why it is not `ok`; empty where it is.
    pub causes: Vec<Cause>,
}

/// One cause of a verdict.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
#[schemars(rename = "VerdictCause")]
pub struct Cause {
    /// Its name, the same in every version.
    #[schemars(example = &"low_r2")]
    pub name: CauseName,
    /// What was measured; `null` where nothing could be.
    #[schemars(example = 0.829)]
    pub measured: Option<f64>,
    /// What it was compared with; `null` where there is no threshold.
    #[schemars(example = 0.9)]
    pub threshold: Option<f64>,
    /// The same in a sentence.
    #[schemars(example = &"held-out R² 0.829 is below 0.9")]
    pub text: String,
}

/// The names of causes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "VerdictCauseName")]
pub enum CauseName {
    /// `r2_holdout` is below its threshold by more than its error.
    LowR2,
    /// `r2_holdout` is so near its threshold that its error reaches it.
    R2NearThreshold,
    /// Too few perturbations differ to test the surrogate.
    Untested,
    /// The bundle does not say how well the population's surrogate gives this number.
    NoMeasure,
    /// `r2_trajectory` is below its threshold.
    LowR2Trajectory,
    /// The strongest parts would be others with another draw.
    LowVsi,
    /// The index of that is below its threshold by no more than its own error.
    VsiNearThreshold,
    /// Too few perturbations to tell which parts would be the strongest.
    UnknownVsi,
    /// The standard errors of Shapley values are too large beside the values.
    LargeStandardErrors,
    /// They are so near the threshold that their own error reaches it.
    StandardErrorsNearThreshold,
    /// Too few coalitions to tell how large the standard errors are.
    UnknownStandardErrors,
    /// All spending is one part, of a method that is fitted to this customer.
    OnePart,
    /// No part changes the number.
    NoEffect,
}

#[cfg(test)]
mod tests {
    use super::Verdict;

    #[test]
    fn verdict_of_all_is_that_of_the_target_which_warns_most() {
        use Verdict::{Borderline, LowFidelity, NothingToExplain, Ok, Unstable};
        let of_all = |verdicts: &[Verdict]| Verdict::of_all(verdicts.iter().copied());
        assert_eq!(of_all(&[Ok, NothingToExplain]), Ok);
        assert_eq!(of_all(&[Ok, Borderline, Ok]), Borderline);
        assert_eq!(of_all(&[Unstable, Borderline]), Unstable);
        assert_eq!(of_all(&[LowFidelity, Unstable]), LowFidelity);
        assert_eq!(of_all(&[NothingToExplain]), NothingToExplain);
    }
}
