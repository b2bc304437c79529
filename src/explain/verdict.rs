//! The verdict: whether to trust an explanation, and a sentence for each reason not to.

use super::document::{QualityRecord, TargetExplanation, Thresholds, Verdict};
use super::options::Scope;

/// Holds every surrogate against the threshold; `untested` names parts whose coefficients could hardly be tested.
pub(super) fn verdict(
    targets: &[TargetExplanation],
    untested: &[String],
    scope: Scope,
    threshold: f64,
) -> QualityRecord {
    let missed = targets
        .iter()
        .flat_map(|target| shortcomings(target, threshold));
    let far = untested.iter().map(|part| {
        format!(
            "{part}: so large a share that what it adds could hardly be tested near this customer"
        )
    });
    let reasons: Vec<String> = missed.chain(far).collect();
    QualityRecord {
        verdict: if reasons.is_empty() {
            Verdict::Ok
        } else {
            Verdict::LowFidelity
        },
        reasons,
        thresholds: Thresholds {
            r2_holdout: threshold,
            r2_trajectory: (scope == Scope::Global).then_some(threshold),
        },
    }
}

fn shortcomings(target: &TargetExplanation, threshold: f64) -> impl Iterator<Item = String> {
    let name = &target.name;
    let held_out = match target.fidelity.r2_holdout {
        Some(r2) if r2 >= threshold => None,
        Some(r2) => Some(format!("{name}: held-out R² {r2:.3} is below {threshold}")),
        None => Some(format!(
            "{name}: the history has too few classes to hold perturbations out and test the surrogate"
        )),
    };
    let along = target
        .fidelity
        .r2_trajectory
        .filter(|&r2| r2 < threshold)
        .map(|r2| {
            format!("{name}: R² {r2:.3} along this customer's trajectory is below {threshold}")
        });
    held_out.into_iter().chain(along)
}
