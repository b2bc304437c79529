//! Verdict of the first version of the methods, which records of it are verified by: one for all targets, with a sentence for each
//! threshold that was missed.

use super::document::{QualityRecord, StoppedBy, Thresholds};
use super::method::MethodScope;
use super::policy::Policy;
use super::quality::Verdict;
use super::target_explanation::TargetExplanation;
use super::verdict::below;

/// Compares every surrogate with the thresholds; `untested` has a sentence for each part that could hardly be tested.
pub(super) fn verdict(
    targets: &[TargetExplanation],
    untested: &[String],
    scope: MethodScope,
    stopped_by: Option<StoppedBy>,
    policy: Policy,
) -> QualityRecord {
    let missed = targets
        .iter()
        .flat_map(|target| missed_fidelity(target, scope, policy.fidelity_target));
    let mut reasons: Vec<String> = missed.chain(untested.iter().cloned()).collect();
    let mut verdict = if reasons.is_empty() {
        Verdict::Ok
    } else {
        Verdict::LowFidelity
    };
    let unstable: Vec<String> = targets
        .iter()
        .flat_map(|target| missed_stability(target, policy))
        .collect();
    if verdict == Verdict::Ok && !unstable.is_empty() {
        verdict = Verdict::Unstable;
    }
    reasons.extend(unstable);
    // The reason for few perturbations; alone it does not change the verdict.
    if verdict != Verdict::Ok && stopped_by == Some(StoppedBy::Deadline) {
        reasons.push("the deadline came before as many perturbations as were asked for".to_owned());
    }
    QualityRecord {
        verdict,
        reasons,
        thresholds: Thresholds {
            r2_holdout: policy.fidelity_target,
            r2_trajectory: (scope == MethodScope::Global).then_some(policy.fidelity_target),
            vsi: policy.vsi,
            csi: Some(policy.csi),
            relative_standard_error: None,
        },
    }
}

fn missed_fidelity(
    target: &TargetExplanation,
    scope: MethodScope,
    least: f64,
) -> impl Iterator<Item = String> {
    let name = &target.name;
    let held_out = match target.fidelity.r2_holdout {
        Some(r2) if r2 >= least => None,
        Some(r2) => Some(format!(
            "{name}: held-out R² {} is below {least}",
            below(r2, least)
        )),
        None if scope == MethodScope::Local => Some(format!(
            "{name}: too few perturbations differ to hold some out and test the surrogate"
        )),
        None => Some(format!(
            "{name}: the bundle does not say how well the population's surrogate gives this number"
        )),
    };
    let along = target
        .fidelity
        .r2_trajectory
        .filter(|&r2| r2 < least)
        .map(|r2| {
            let r2 = below(r2, least);
            format!("{name}: R² {r2} along this customer's trajectory is below {least}")
        });
    held_out.into_iter().chain(along)
}

fn missed_stability(target: &TargetExplanation, policy: Policy) -> impl Iterator<Item = String> {
    let name = &target.name;
    let index = |what: &str, index: Option<f64>, least: f64| match index {
        Some(index) if index >= least => None,
        Some(index) => Some(format!(
            "{name}: {what} {} is below {least}",
            below(index, least)
        )),
        None => Some(format!(
            "{name}: the perturbations do not suffice to tell the {what}"
        )),
    };
    let stability = target.stability;
    [
        index("variables stability index", stability.vsi, policy.vsi),
        index("coefficients stability index", stability.csi, policy.csi),
    ]
    .into_iter()
    .flatten()
}
