//! Spending by class and period: the classes with the most spending as rows, all others as one.

use std::collections::BTreeMap;

use crate::documents::KeptTotals;
use crate::numbers::{float, grouped, percent};
use crate::svg::{Element, Figure, Mark, Table, fitted, shortened};

/// The rows of classes.
const MOST_CLASSES: usize = 16;
const ROW: f64 = 23.0;
const TOP: f64 = 24.0;
const LEFT: f64 = 168.0;
/// The column of the sums.
const SUM: f64 = 66.0;
/// How many steps of colour there are.
const SHADES: f64 = 8.0;

struct Row {
    title: String,
    amounts: Vec<f64>,
}

impl Row {
    fn sum(&self) -> f64 {
        self.amounts.iter().sum()
    }
}

/// `names` are those of the periods; `titles` those of the classes, by id.
pub(crate) fn figure(
    totals: &KeptTotals,
    names: &[String],
    titles: &BTreeMap<String, String>,
) -> Figure {
    let rows = rows(totals, titles);
    let periods = totals.periods.len();
    let cell = match periods {
        0..=4 => 72.0,
        5..=7 => 58.0,
        8..=14 => 46.0,
        15..=40 => 20.0,
        _ => 9.0,
    };
    let has_amounts = cell > 40.0;
    let whole: f64 = rows.iter().map(Row::sum).sum();
    let largest = rows
        .iter()
        .flat_map(|row| row.amounts.iter().copied())
        .fold(0.0, f64::max);
    let name = |index: usize| names.get(index).map_or("", String::as_str);
    let mut ground = Vec::new();
    let mut marks = Vec::new();
    // A name takes some 60 pixels.
    let each = if has_amounts {
        1
    } else if cell > 15.0 {
        3
    } else {
        7
    };
    for index in (0..periods).step_by(each) {
        let x = LEFT + cell * float(index);
        let head = if has_amounts {
            Element::text(x + cell / 2.0, TOP - 8.0, shortened(name(index), 9))
                .set("text-anchor", "middle")
        } else {
            Element::text(x, TOP - 8.0, shortened(name(index), 9))
        };
        ground.push(head.class("tick"));
    }
    let end = LEFT + cell * float(periods);
    for (number, row) in rows.iter().enumerate() {
        let y = TOP + ROW * float(number);
        let text = Element::text(LEFT - 8.0, y + 16.0, fitted(&row.title, LEFT - 12.0, 12.0));
        ground.push(text.class("name").set("text-anchor", "end"));
        let sum = Element::text(end + SUM, y + 16.0, grouped(row.sum()));
        ground.push(sum.class("value strong").set("text-anchor", "end"));
        for (index, &amount) in row.amounts.iter().enumerate() {
            let x = LEFT + cell * float(index);
            let shade = shade(amount, largest);
            let mut shapes = vec![
                Element::rect(x + 0.5, y + 0.5, cell - 1.0, ROW - 1.0)
                    .class(&format!("shade s{shade}")),
            ];
            if has_amounts && amount > 0.0 {
                let text = Element::text(x + cell / 2.0, y + 15.5, grouped(amount));
                let class = if shade > 4 { "cell light" } else { "cell" };
                shapes.push(text.class(class).set("text-anchor", "middle"));
            }
            marks.push(Mark {
                label: format!(
                    "{} in {}: {} ({} of all)",
                    row.title,
                    name(index),
                    grouped(amount),
                    percent(if whole > 0.0 { amount / whole } else { 0.0 })
                ),
                shapes,
            });
        }
    }
    Figure {
        id: "spending".to_owned(),
        title: "Spending by class and period".to_owned(),
        caption: format!(
            "In the currency of the history; the darker, the more. {} classes have spending; the last column is the sum.",
            classes_with_spending(totals)
        ),
        width: end + SUM + 4.0,
        height: TOP + ROW * float(rows.len()) + 4.0,
        ground,
        marks,
        table: table(&rows, names, periods),
    }
}

fn classes_with_spending(totals: &KeptTotals) -> usize {
    let classes = totals
        .periods
        .iter()
        .flat_map(|period| period.classes.keys());
    classes.collect::<std::collections::BTreeSet<_>>().len()
}

fn rows(totals: &KeptTotals, titles: &BTreeMap<String, String>) -> Vec<Row> {
    let mut by_class: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (index, period) in totals.periods.iter().enumerate() {
        for (class, amount) in &period.classes {
            let empty = || vec![0.0; totals.periods.len()];
            by_class.entry(class).or_insert_with(empty)[index] = *amount;
        }
    }
    let mut rows: Vec<Row> = by_class
        .into_iter()
        .map(|(class, amounts)| Row {
            title: titles
                .get(class)
                .map_or_else(|| class.to_owned(), Clone::clone),
            amounts,
        })
        .collect();
    rows.sort_by(|a, b| b.sum().total_cmp(&a.sum()));
    if rows.len() > MOST_CLASSES + 1 {
        let others = rows.split_off(MOST_CLASSES);
        let mut amounts = vec![0.0; totals.periods.len()];
        for row in &others {
            for (sum, amount) in amounts.iter_mut().zip(&row.amounts) {
                *sum += amount;
            }
        }
        rows.push(Row {
            title: format!("{} other classes", others.len()),
            amounts,
        });
    }
    rows
}

/// The step of colour of an amount: by its root, so that small amounts can be told apart.
fn shade(amount: f64, largest: f64) -> u8 {
    if amount <= 0.0 || largest <= 0.0 {
        return 0;
    }
    let part = (amount / largest).sqrt() * SHADES;
    (1..=8).find(|step| part <= f64::from(*step)).unwrap_or(8)
}

fn table(rows: &[Row], names: &[String], periods: usize) -> Table {
    let heads = (0..periods).map(|index| names.get(index).cloned().unwrap_or_default());
    let rows = rows.iter().map(|row| {
        let amounts = row.amounts.iter().map(|amount| grouped(*amount));
        std::iter::once(row.title.clone())
            .chain(amounts)
            .chain([grouped(row.sum())])
            .collect()
    });
    Table {
        heads: std::iter::once("class".to_owned())
            .chain(heads)
            .chain(["sum".to_owned()])
            .collect(),
        rows: rows.collect(),
    }
}
