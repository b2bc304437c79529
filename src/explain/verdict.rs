//! Verdict on each target: whether to trust its explanation, with a named cause for each threshold that was missed.

use super::document::{QualityRecord, StoppedBy, Thresholds};
use super::fidelity::{ShapleyQuality, is_rounding};
use super::findings::LinearModel;
use super::method::MethodScope;
use super::policy::Policy;
use super::quality::{Cause, CauseName, TargetQuality, Verdict};
use super::target_explanation::TargetExplanation;

/// Half the width of a 95 % interval, in standard errors.
const NORMAL_QUANTILE_975: f64 = 1.959_963_984_540_054;

/// Shapley values are known well enough when their standard errors are at most this share of their spread.
pub(super) const LARGEST_RELATIVE_ERROR: f64 = 0.1;

/// How far an estimate of a standard error may be off: with 255 pairs twice its own standard error, 1 / √(2 · 255).
const ERROR_OF_ERRORS: f64 = 0.09;

/// How far a variables stability index may be off: it varies by so much from seed to seed.
const ERROR_OF_VSI: f64 = 0.1;

/// What one target is judged by.
struct Bench {
    verdict: Verdict,
    causes: Vec<Cause>,
}

impl Bench {
    /// A cause, and the verdict that it leads to unless another cause warns more.
    fn add(
        &mut self,
        verdict: Verdict,
        name: CauseName,
        (measured, threshold): (Option<f64>, Option<f64>),
        text: String,
    ) {
        self.verdict = Verdict::of_all([self.verdict, verdict].into_iter());
        self.causes.push(Cause {
            name,
            measured,
            threshold,
            text,
        });
    }

    fn held_out(&mut self, model: &LinearModel, scope: MethodScope, least: f64) {
        let measures = model.surrogate.measures;
        let Some(r2) = measures.r2_holdout else {
            let (name, text) = match scope {
                MethodScope::Local => (
                    CauseName::Untested,
                    "too few perturbations differ to hold some out and test the surrogate",
                ),
                MethodScope::Global => (
                    CauseName::NoMeasure,
                    "the bundle does not say how well the population's surrogate gives this number",
                ),
            };
            self.add(Verdict::LowFidelity, name, (None, None), text.to_owned());
            return;
        };
        let compared = (Some(r2), Some(least));
        let margin = NORMAL_QUANTILE_975 * measures.r2_error.unwrap_or_default();
        if r2 + margin < least {
            let text = format!("held-out R² {} is below {least}", below(r2, least));
            self.add(Verdict::LowFidelity, CauseName::LowR2, compared, text);
        } else if r2 - margin < least {
            let text = format!(
                "held-out R² {r2:.3} ± {margin:.3} does not tell which side of {least} it is on"
            );
            self.add(
                Verdict::Borderline,
                CauseName::R2NearThreshold,
                compared,
                text,
            );
        }
    }

    fn trajectory(&mut self, model: &LinearModel, least: f64) {
        if let Some(r2) = model.surrogate.measures.r2_trajectory
            && r2 < least
        {
            let shown = below(r2, least);
            let text = format!("R² {shown} along this customer's trajectory is below {least}");
            let compared = (Some(r2), Some(least));
            self.add(
                Verdict::LowFidelity,
                CauseName::LowR2Trajectory,
                compared,
                text,
            );
        }
    }

    fn stability(&mut self, model: &LinearModel, least: f64) {
        match model.surrogate.stability.vsi {
            Some(vsi) if vsi >= least => {}
            Some(vsi) => {
                let shown = below(vsi, least);
                let text = format!("variables stability index {shown} is below {least}");
                let compared = (Some(vsi), Some(least));
                if vsi < least - ERROR_OF_VSI {
                    self.add(Verdict::Unstable, CauseName::LowVsi, compared, text);
                } else {
                    let text = format!("{text} by no more than its own error");
                    let name = CauseName::VsiNearThreshold;
                    self.add(Verdict::Borderline, name, compared, text);
                }
            }
            None => {
                let text = "the perturbations do not suffice to tell the variables stability index";
                let compared = (None, Some(least));
                self.add(
                    Verdict::Unstable,
                    CauseName::UnknownVsi,
                    compared,
                    text.to_owned(),
                );
            }
        }
    }

    fn values(&mut self, values: ShapleyQuality) {
        let most = LARGEST_RELATIVE_ERROR;
        let Some(error) = values.relative_standard_error else {
            let text = "too few coalitions to tell how large the standard errors of the values are";
            let compared = (None, Some(most));
            let name = CauseName::UnknownStandardErrors;
            self.add(Verdict::Unstable, name, compared, text.to_owned());
            return;
        };
        let compared = (Some(error), Some(most));
        if error > most * (1.0 + ERROR_OF_ERRORS) {
            let text =
                format!("standard errors are {error:.3} of the values' spread, above {most}");
            self.add(
                Verdict::Unstable,
                CauseName::LargeStandardErrors,
                compared,
                text,
            );
        } else if error > most * (1.0 - ERROR_OF_ERRORS) {
            let text = format!(
                "standard errors are {error:.3} of the values' spread, which may be on either side of {most}"
            );
            let name = CauseName::StandardErrorsNearThreshold;
            self.add(Verdict::Borderline, name, compared, text);
        }
    }
}

/// Judges one target, whose model is about so many parts.
pub(super) fn of_target(
    model: &LinearModel,
    parts: usize,
    scope: MethodScope,
    policy: Policy,
) -> TargetQuality {
    let nothing = |name, text: &str| TargetQuality {
        verdict: Verdict::NothingToExplain,
        causes: vec![Cause {
            name,
            measured: None,
            threshold: None,
            text: text.to_owned(),
        }],
    };
    if parts <= 1 && scope == MethodScope::Local {
        return nothing(
            CauseName::OnePart,
            "there is one part alone: nothing is to be divided",
        );
    }
    if !has_effect(model) {
        return nothing(CauseName::NoEffect, "no part changes the number");
    }
    let mut bench = Bench {
        verdict: Verdict::Ok,
        causes: Vec::new(),
    };
    match (model.surrogate.measures.values, scope) {
        (Some(values), _) => bench.values(values),
        (None, MethodScope::Local) => {
            bench.held_out(model, scope, policy.fidelity_target);
            bench.stability(model, policy.vsi);
        }
        (None, MethodScope::Global) => {
            bench.held_out(model, scope, policy.fidelity_target);
            bench.trajectory(model, policy.fidelity_target);
        }
    }
    TargetQuality {
        verdict: bench.verdict,
        causes: bench.causes,
    }
}

/// Whether some part changes the number by more than rounding.
fn has_effect(model: &LinearModel) -> bool {
    let is_effect =
        |change: f64| !is_rounding(change, model.value.abs().max(model.base_value.abs()));
    let counterfactuals = model.counterfactuals.iter().flatten();
    let mut changes = counterfactuals.map(|other| other - model.value);
    match &model.counterfactuals {
        Some(_) => changes.any(is_effect),
        None => model.surrogate.coefficients.iter().copied().any(is_effect),
    }
}

/// The quality of the whole, from that of each target.
pub(super) fn of_all(
    targets: &[TargetExplanation],
    scope: MethodScope,
    stopped_by: Option<StoppedBy>,
    policy: Policy,
) -> QualityRecord {
    let qualities = || targets.iter().filter_map(|target| target.quality.as_ref());
    let verdict = Verdict::of_all(qualities().map(|quality| quality.verdict));
    let mut reasons: Vec<String> = { targets.iter() }
        .flat_map(|target| {
            let causes = target.quality.iter().flat_map(|quality| &quality.causes);
            causes.map(|cause| format!("{}: {}", target.name, cause.text))
        })
        .collect();
    // The reason for few perturbations; alone it does not change the verdict.
    if verdict.is_distrust() && stopped_by == Some(StoppedBy::Deadline) {
        reasons.push("the deadline came before as many perturbations as were asked for".to_owned());
    }
    let has_values = targets
        .iter()
        .any(|target| target.fidelity.values.is_some());
    QualityRecord {
        verdict,
        reasons,
        thresholds: Thresholds {
            r2_holdout: policy.fidelity_target,
            r2_trajectory: (scope == MethodScope::Global).then_some(policy.fidelity_target),
            vsi: policy.vsi,
            csi: None,
            relative_standard_error: has_values.then_some(LARGEST_RELATIVE_ERROR),
        },
    }
}

/// A number below a threshold: to three decimals, or to all where three would round it up to the threshold.
pub(super) fn below(number: f64, threshold: f64) -> String {
    let rounded = format!("{number:.3}");
    let reads_as_met = rounded
        .parse::<f64>()
        .is_ok_and(|rounded| rounded >= threshold);
    if reads_as_met {
        format!("{number}")
    } else {
        rounded
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fidelity::Measures;
    use crate::findings::JudgedSurrogate;
    use crate::stability::Stability;

    fn model(measures: Measures) -> LinearModel {
        LinearModel {
            segment: None,
            rival: None,
            is_changed: false,
            value: 0.5,
            base_value: 0.2,
            counterfactuals: None,
            removals: Vec::new(),
            surrogate: JudgedSurrogate {
                intercept: 0.2,
                coefficients: vec![0.1, 0.2],
                margins: None,
                measures,
                stability: Stability::nothing_drawn(),
                interactions: None,
            },
        }
    }

    const MEASURES: Measures = Measures {
        r2_holdout: Some(0.95),
        r2_fit: None,
        r2_trajectory: None,
        rmse: None,
        effective_samples: None,
        r2_error: Some(0.01),
        values: None,
    };

    fn judged(measures: Measures) -> (Verdict, Vec<CauseName>) {
        let quality = of_target(&model(measures), 2, MethodScope::Local, Policy::default());
        let causes = quality.causes.iter().map(|cause| cause.name);
        (quality.verdict, causes.collect())
    }

    #[test]
    fn r2_whose_error_crosses_the_threshold_is_borderline() {
        let with = |r2, error| Measures {
            r2_holdout: Some(r2),
            r2_error: Some(error),
            ..MEASURES
        };
        assert_eq!(judged(with(0.95, 0.01)), (Verdict::Ok, vec![]));
        let near = (Verdict::Borderline, vec![CauseName::R2NearThreshold]);
        assert_eq!(judged(with(0.91, 0.01)), near);
        assert_eq!(judged(with(0.89, 0.01)), near);
        let low = (Verdict::LowFidelity, vec![CauseName::LowR2]);
        assert_eq!(judged(with(0.85, 0.01)), low);
    }

    #[test]
    fn stability_index_a_little_below_the_threshold_is_borderline() {
        let with = |vsi| {
            let mut model = model(MEASURES);
            model.surrogate.stability.vsi = Some(vsi);
            of_target(&model, 2, MethodScope::Local, Policy::default()).verdict
        };
        assert_eq!(with(0.81), Verdict::Ok);
        assert_eq!(with(0.75), Verdict::Borderline);
        assert_eq!(with(0.65), Verdict::Unstable);
    }

    #[test]
    fn shapley_values_are_judged_by_their_standard_errors_and_not_by_r2() {
        let with = |error| Measures {
            r2_holdout: Some(-4.0),
            values: Some(ShapleyQuality {
                exact: false,
                relative_standard_error: error,
                additivity_r2: Some(-4.0),
            }),
            ..MEASURES
        };
        assert_eq!(judged(with(Some(0.05))), (Verdict::Ok, vec![]));
        assert_eq!(judged(with(Some(0.1))).0, Verdict::Borderline);
        assert_eq!(judged(with(Some(0.2))).0, Verdict::Unstable);
        assert_eq!(judged(with(None)).0, Verdict::Unstable);
    }

    #[test]
    fn one_part_or_none_with_an_effect_is_nothing_to_explain() {
        let alone = of_target(&model(MEASURES), 1, MethodScope::Local, Policy::default());
        assert_eq!(alone.verdict, Verdict::NothingToExplain);
        // What the population's surrogate misses of this customer is still worth to be said.
        let global = of_target(&model(MEASURES), 1, MethodScope::Global, Policy::default());
        assert_eq!(global.verdict, Verdict::Ok);
        let mut flat = model(MEASURES);
        flat.surrogate.coefficients = vec![1e-9, -1e-9];
        let flat = of_target(&flat, 2, MethodScope::Local, Policy::default());
        assert_eq!(flat.verdict, Verdict::NothingToExplain);
        assert_eq!(flat.causes[0].name, CauseName::NoEffect);
    }

    #[test]
    fn number_just_below_a_threshold_is_written_with_all_decimals() {
        assert_eq!(below(0.8123, 0.9), "0.812");
        assert_eq!(below(0.8996, 0.9), "0.8996");
    }
}
