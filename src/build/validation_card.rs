//! Section of the model card that tells how explanations fare, by type of customer.

use std::fmt::Write as _;

use microseg_model::{Validation, ValidationRow};

const HEADING: &str = "## How explanations fare";

/// The card with this section in the place of the one that it has, or at its end.
pub(super) fn replace(card: &str, validation: &Validation) -> String {
    let mut kept = String::new();
    let mut is_old = false;
    for line in card.lines() {
        if line.starts_with("## ") || line.starts_with("# ") {
            is_old = line == HEADING;
        }
        if !is_old {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    format!("{}\n\n{}", kept.trim_end_matches('\n'), section(validation))
}

/// The section, with its heading.
fn section(validation: &Validation) -> String {
    let Validation {
        computed_by,
        method,
        seed,
        customers,
        threshold,
        ..
    } = validation;
    let mut text = format!(
        "{HEADING}\n\n`microseg model validate` ({computed_by}) explained {customers} simulated customers of each type by `{method}` with all \
         defaults, seed {seed}. Each row has the share of the explanations with each verdict; the medians, over all explained \
         numbers, of the relative standard error and of the additivity R²; and the share of the `ok` explanations that fresh \
         coalitions confirmed: there main effects and listed interactions explain at least {threshold} of the variance of each \
         number.\n\n| customers | level | explanations | ok | borderline | unstable | low fidelity | nothing to explain | relative \
         standard error | additivity R² | confirmed |\n|---|---|---|---|---|---|---|---|---|---|---|\n"
    );
    for row in &validation.rows {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", line(row));
    }
    if validation.rows.iter().any(|row| row.refused > 0) {
        text.push_str(
            "\nOf customers that are missing among the explanations the network reads nothing, such as those without any spending.\n",
        );
    }
    text
}

fn line(row: &ValidationRow) -> String {
    let verdicts = row.verdicts.named().map(|(_, share)| percent(share));
    format!(
        "| {} | {} | {} | {} | {} | {} | {} |",
        row.customers,
        row.level,
        row.explanations,
        verdicts.join(" | "),
        number(row.relative_standard_error),
        number(row.additivity_r2),
        row.confirmed.map_or_else(|| "-".to_owned(), percent),
    )
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

fn number(number: Option<f64>) -> String {
    number.map_or_else(|| "-".to_owned(), |number| format!("{number:.3}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use microseg_model::VerdictShares;

    fn validation(ok: f64) -> Validation {
        Validation {
            validation_version: Validation::VERSION,
            network_sha256: "00".to_owned(),
            computed_by: "microseg 0".to_owned(),
            method: "shapley".to_owned(),
            method_version: 2,
            seed: 1,
            customers: 4,
            threshold: 0.9,
            rows: vec![ValidationRow {
                customers: "one year".to_owned(),
                level: "class".to_owned(),
                explanations: 4,
                refused: 0,
                verdicts: VerdictShares {
                    ok,
                    borderline: 1.0 - ok,
                    ..VerdictShares::default()
                },
                relative_standard_error: Some(0.0084),
                additivity_r2: None,
                confirmed: Some(1.0),
            }],
            forget_gates: None,
        }
    }

    #[test]
    fn section_is_added_once_and_replaced_where_it_stands() {
        let once = replace("# Ours\n\n## Population\n\nMany.\n", &validation(0.75));
        assert!(
            once.starts_with("# Ours\n\n## Population\n\nMany.\n\n## How explanations fare\n\n")
        );
        let row = "| one year | class | 4 | 75.0 % | 25.0 % | 0.0 % | 0.0 % | 0.0 % | 0.008 | - | 100.0 % |\n";
        assert!(once.ends_with(row), "{once}");
        assert_eq!(replace(&once, &validation(0.75)), once);
        let twice = replace(&format!("{once}\n## Limits\n\nFew.\n"), &validation(0.5));
        assert_eq!(twice.matches(HEADING).count(), 1);
        assert!(
            twice.contains("## Limits\n\nFew.\n\n## How explanations fare"),
            "{twice}"
        );
        assert!(twice.contains("| 50.0 % | 50.0 % |") && !twice.contains("75.0 %"));
    }
}
