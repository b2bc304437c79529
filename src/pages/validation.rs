//! Table of a model's page: how its explanations fare, by type of customer.

use serde::Serialize;

use crate::documents::{Validation, ValidationRow};
use crate::numbers::plain;

/// The table as the template shows it.
#[derive(Debug, Serialize)]
pub(crate) struct ValidationView {
    caption: String,
    rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    /// The type of customer, where it is another one than in the row above.
    customers: Option<String>,
    /// How many rows the type has.
    levels: usize,
    cells: Vec<String>,
}

impl ValidationView {
    pub(crate) fn new(validation: &Validation) -> Self {
        let Validation {
            method,
            customers,
            seed,
            threshold,
            computed_by,
            rows,
        } = validation;
        let of_type = |row: &ValidationRow| {
            let same = rows.iter().filter(|one| one.customers == row.customers);
            same.count()
        };
        let shown = rows.iter().enumerate().map(|(index, row)| {
            let above = index.checked_sub(1).map(|above| &rows[above].customers);
            Row {
                customers: (above != Some(&row.customers)).then(|| row.customers.clone()),
                levels: of_type(row),
                cells: cells(row),
            }
        });
        Self {
            caption: format!(
                "{customers} simulated customers of each type, explained by {method} with all defaults (seed {seed}, {computed_by}). \
                 Errors and additivity are medians over all explained numbers. Confirmed are the explanations with the verdict ok \
                 that explain at least {} of each number on fresh coalitions.",
                percent(*threshold),
            ),
            rows: shown.collect(),
        }
    }
}

fn cells(row: &ValidationRow) -> Vec<String> {
    let verdicts = &row.verdicts;
    let shares = [
        verdicts.ok,
        verdicts.borderline,
        verdicts.unstable + verdicts.low_fidelity,
        verdicts.nothing_to_explain,
    ];
    let number = |number: Option<f64>| number.map_or_else(|| "–".to_owned(), plain);
    let mut cells = vec![row.level.clone(), row.explanations.to_string()];
    cells.extend(shares.map(percent));
    cells.extend([
        number(row.relative_standard_error),
        number(row.additivity_r2),
        row.confirmed.map_or_else(|| "–".to_owned(), percent),
    ]);
    cells
}

/// A share of explanations: one of a thousand shows.
fn percent(share: f64) -> String {
    let text = format!("{:.1}", 100.0 * share);
    format!("{} %", text.trim_end_matches(".0"))
}
