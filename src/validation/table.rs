//! Table of a validation: findings added up by type of customer and level.

use crate::finding::{Explained, Finding, Outcome};
use microseg_model::{ValidationRow, VerdictShares};
use microseg_simulation::CustomerType;

/// One row for each type and level, in their order.
pub(crate) fn rows(findings: &[Finding], levels: &[&str]) -> Vec<ValidationRow> {
    let kinds = CustomerType::ALL.map(CustomerType::name);
    let pairs = kinds
        .into_iter()
        .flat_map(|kind| levels.iter().map(move |level| (kind, *level)));
    pairs
        .map(|(kind, level)| row(findings, kind, level))
        .collect()
}

fn row(findings: &[Finding], kind: &str, level: &str) -> ValidationRow {
    let of_kind = || findings.iter().filter(|one| one.subject.kind == kind);
    let refused = of_kind().filter(|one| matches!(one.outcome, Outcome::Refused(_)));
    let explained: Vec<&Explained> = of_kind()
        .filter_map(|one| match &one.outcome {
            Outcome::Explained(all) => all.iter().find(|explained| explained.level == level),
            Outcome::Refused(_) => None,
        })
        .collect();
    let of_verdict = |name: &str| {
        let with = explained.iter().filter(|one| one.verdict == name);
        share(with.count(), explained.len()).unwrap_or_default()
    };
    let errors = explained
        .iter()
        .flat_map(|one| &one.relative_standard_errors);
    let additivity = explained.iter().flat_map(|one| &one.additivity_r2);
    let is_confirmed: Vec<bool> = explained
        .iter()
        .filter_map(|one| one.is_confirmed)
        .collect();
    let confirmed = is_confirmed.iter().filter(|confirmed| **confirmed);
    ValidationRow {
        customers: kind.to_owned(),
        level: level.to_owned(),
        explanations: explained.len() as u64,
        refused: refused.count() as u64,
        verdicts: VerdictShares {
            ok: of_verdict("ok"),
            borderline: of_verdict("borderline"),
            unstable: of_verdict("unstable"),
            low_fidelity: of_verdict("low_fidelity"),
            nothing_to_explain: of_verdict("nothing_to_explain"),
        },
        relative_standard_error: median(errors.copied().collect()),
        additivity_r2: median(additivity.copied().collect()),
        confirmed: share(confirmed.count(), is_confirmed.len()),
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of explanations")]
fn share(some: usize, all: usize) -> Option<f64> {
    (all > 0).then(|| some as f64 / all as f64)
}

/// The number in the middle, or the mean of the two there.
fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    let upper = *numbers.get(numbers.len() / 2)?;
    let lower = numbers[(numbers.len() - 1) / 2];
    Some(f64::midpoint(lower, upper))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Subject;

    fn finding(customer: u64, outcome: Outcome) -> Finding {
        Finding {
            subject: Subject {
                kind: CustomerType::OneYear.name().to_owned(),
                customer,
            },
            outcome,
        }
    }

    fn explained(verdict: &str, errors: &[f64], is_confirmed: Option<bool>) -> Outcome {
        Outcome::Explained(vec![Explained {
            level: "class".to_owned(),
            verdict: verdict.to_owned(),
            relative_standard_errors: errors.to_vec(),
            additivity_r2: errors.iter().map(|error| 1.0 - error).collect(),
            is_confirmed,
        }])
    }

    #[test]
    fn row_has_the_shares_of_verdicts_and_medians_over_all_numbers() {
        let findings = [
            finding(0, explained("ok", &[0.25, 0.5], Some(true))),
            finding(1, explained("ok", &[0.75], Some(false))),
            finding(2, explained("borderline", &[1.0], None)),
            finding(3, explained("nothing_to_explain", &[], None)),
            finding(4, Outcome::Refused("no spending".to_owned())),
        ];
        let rows = rows(&findings, &["class"]);
        assert_eq!(rows.len(), CustomerType::ALL.len());
        let row = { rows.iter() }.find(|row| row.customers == "one year");
        let row = row.unwrap();
        assert_eq!((row.explanations, row.refused), (4, 1));
        let shares = row.verdicts.named().map(|(_, share)| share);
        assert_eq!(
            shares.map(f64::to_bits),
            [0.5, 0.25, 0.0, 0.0, 0.25_f64].map(f64::to_bits)
        );
        assert_eq!(row.relative_standard_error, Some(0.625));
        assert_eq!(row.additivity_r2, Some(0.375));
        assert_eq!(row.confirmed, Some(0.5));
        assert_eq!(rows[0].explanations, 0);
        assert_eq!(
            (rows[0].relative_standard_error, rows[0].confirmed),
            (None, None)
        );
    }
}
