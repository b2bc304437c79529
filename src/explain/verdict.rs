//! The verdict: whether to trust an explanation, and a sentence for each reason not to.

use super::document::{QualityRecord, StoppedBy, TargetExplanation, Thresholds, Verdict};
use super::method::Scope;

/// What an explanation is held against.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bar {
    pub(super) r2: f64,
    pub(super) vsi: f64,
    pub(super) csi: f64,
}

/// Holds every surrogate against the bar; `untested` has a sentence for each part that could hardly be tested.
pub(super) fn verdict(
    targets: &[TargetExplanation],
    untested: &[String],
    scope: Scope,
    stopped_by: Option<StoppedBy>,
    bar: Bar,
) -> QualityRecord {
    let missed = targets
        .iter()
        .flat_map(|target| unfaithful(target, scope, bar.r2));
    let mut reasons: Vec<String> = missed.chain(untested.iter().cloned()).collect();
    let mut verdict = if reasons.is_empty() {
        Verdict::Ok
    } else {
        Verdict::LowFidelity
    };
    let shaky: Vec<String> = targets
        .iter()
        .flat_map(|target| unstable(target, bar))
        .collect();
    if verdict == Verdict::Ok && !shaky.is_empty() {
        verdict = Verdict::Unstable;
    }
    reasons.extend(shaky);
    // Why there were so few; by itself it is nothing against what was found.
    if verdict != Verdict::Ok && stopped_by == Some(StoppedBy::Deadline) {
        reasons.push("the deadline came before as many perturbations as were asked for".to_owned());
    }
    QualityRecord {
        verdict,
        reasons,
        thresholds: Thresholds {
            r2_holdout: bar.r2,
            r2_trajectory: (scope == Scope::Global).then_some(bar.r2),
            vsi: bar.vsi,
            csi: bar.csi,
        },
    }
}

fn unfaithful(
    target: &TargetExplanation,
    scope: Scope,
    least: f64,
) -> impl Iterator<Item = String> {
    let name = &target.name;
    let held_out = match target.fidelity.r2_holdout {
        Some(r2) if r2 >= least => None,
        Some(r2) => Some(format!(
            "{name}: held-out R² {} is below {least}",
            below(r2, least)
        )),
        None if scope == Scope::Local => Some(format!(
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

fn unstable(target: &TargetExplanation, bar: Bar) -> impl Iterator<Item = String> {
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
        index("variables stability index", stability.vsi, bar.vsi),
        index("coefficients stability index", stability.csi, bar.csi),
    ]
    .into_iter()
    .flatten()
}

/// A number below a threshold to three decimals, or to all where it would read as if it were not below.
fn below(number: f64, threshold: f64) -> String {
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
    use super::below;

    #[test]
    fn what_is_below_a_threshold_never_reads_as_if_it_met_it() {
        assert_eq!(below(0.8123, 0.9), "0.812");
        assert_eq!(below(0.8996, 0.9), "0.8996");
    }
}
