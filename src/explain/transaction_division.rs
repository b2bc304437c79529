//! Division of a customer's transactions into parts.

use std::collections::BTreeMap;

use super::level::Level;
use super::part::{Part, Place};
use super::subject::{Left, Reencoded, column};
use microseg_encoding::Before;

/// All transactions of a history, and the part that each belongs to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TransactionDivision {
    parts: Vec<Part>,
    /// `None` for a transaction that stays as it is.
    part_of: Vec<Option<usize>>,
    /// The part of what comes before a checkpoint, if it is one.
    pruned: Option<usize>,
}

/// What belongs to one place.
#[derive(Debug, Clone, Copy)]
struct Sum {
    spending: f64,
    transactions: usize,
    holds: usize,
    is_spending: bool,
}

impl Sum {
    const NOTHING: Self = Self {
        spending: 0.0,
        transactions: 0,
        holds: 0,
        is_spending: true,
    };

    fn add(&mut self, other: Self) {
        self.spending += other.spending;
        self.transactions += other.transactions;
        self.holds += other.holds;
        self.is_spending &= other.is_spending;
    }
}

impl TransactionDivision {
    /// Divides transactions by the place that each is in: what is `kept` becomes a part of its own, and all else is the rest.
    /// Pruned transactions are always a part.
    pub(super) fn new(
        of: Reencoded<'_>,
        place_of: impl Fn(usize) -> Place,
        kept: impl Fn(Place) -> bool,
    ) -> Self {
        let divided = of.transactions.iter().filter(|one| !of.is_fixed(one));
        let spending = divided.clone().map(|one| one.spending);
        let before = of.before.filter(|before| before.is_part);
        let before = before.map_or(0, |before| before.transactions());
        let all = (spending.sum::<f64>(), divided.count() + before);
        let mut sums: BTreeMap<Place, Sum> = BTreeMap::new();
        if before > 0 {
            sums.insert(
                Place::Pruned,
                Sum {
                    transactions: before,
                    ..Sum::NOTHING
                },
            );
        }
        let places: Vec<Place> = (0..of.transactions.len()).map(place_of).collect();
        let divided = places.iter().zip(of.transactions);
        for (&place, transaction) in divided.filter(|(_, one)| !of.is_fixed(one)) {
            let sum = sums.entry(place).or_insert(Sum::NOTHING);
            let spending_classes = of.taxonomy.classes().len();
            sum.add(Sum {
                spending: transaction.spending,
                transactions: 1,
                holds: 0,
                is_spending: column(transaction.booking, of.taxonomy) < spending_classes,
            });
        }
        for (place, sum) in &mut sums {
            sum.holds = match place {
                Place::Event(_) | Place::Pruned | Place::Rest => sum.transactions,
                Place::Class(_) | Place::Period(_) | Place::Cell { .. } | Place::Field(_) => 1,
            };
            // The sentences of reasons are about the spending of longer times.
            sum.is_spending &= !matches!(place, Place::Event(_));
        }
        let mut parts = Vec::new();
        let mut numbers = BTreeMap::new();
        let mut rest: Option<Sum> = None;
        for (place, sum) in sums {
            let has_part = place == Place::Pruned || (place != Place::Rest && kept(place));
            if has_part {
                numbers.insert(place, parts.len());
                parts.push(part(place, sum, all));
            } else {
                rest.get_or_insert(Sum::NOTHING).add(sum);
            }
        }
        let rest_number = parts.len();
        parts.extend(rest.map(|sum| part(Place::Rest, sum, all)));
        let number = |place| *numbers.get(place).unwrap_or(&rest_number);
        Self {
            part_of: { places.iter().zip(of.transactions) }
                .map(|(place, one)| (!of.is_fixed(one)).then(|| number(place)))
                .collect(),
            pruned: numbers.get(&Place::Pruned).copied(),
            parts,
        }
    }

    /// Divides by the classes and the periods of a level of totals.
    pub(super) fn by_level(of: Reencoded<'_>, level: Level, kept: impl Fn(Place) -> bool) -> Self {
        let place_of = |index: usize| {
            let transaction = &of.transactions[index];
            let class = column(transaction.booking, of.taxonomy);
            match (level, transaction.period) {
                (Level::Class, _) => Place::Class(class),
                (level, Some(period)) => Place::of(level, period, class),
                // It is before the window.
                (_, None) => Place::Rest,
            }
        };
        let mut division = Self::new(of, place_of, kept);
        // What comes before all is of unknown classes and periods.
        for part in &mut division.parts {
            if part.place == Place::Pruned {
                part.holds = 0;
            }
        }
        division
    }

    pub(super) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Numbers, one a transaction, summed over the transactions of each part.
    pub(super) fn gather(&self, of_transactions: impl IntoIterator<Item = f64>) -> Vec<f64> {
        let mut sums = vec![0.0; self.parts.len()];
        for (&part, number) in self.part_of.iter().zip(of_transactions) {
            if let Some(part) = part {
                sums[part] += number;
            }
        }
        sums
    }

    /// What is left of the history, from a factor for each part.
    pub(super) fn left(&self, of_parts: &[f64]) -> Left {
        let is_there = |part: usize| of_parts[part] > 0.0;
        Left {
            factors: { self.part_of.iter() }
                .map(|part| part.map_or(1.0, |part| of_parts[part]))
                .collect(),
            before: if self.pruned.is_none_or(is_there) {
                Before::Kept
            } else {
                Before::Gone
            },
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "histories have fewer than 2^53 transactions"
)]
fn part(place: Place, sum: Sum, (spending, transactions): (f64, usize)) -> Part {
    Part {
        place,
        share: if spending > 0.0 {
            sum.spending / spending
        } else {
            0.0
        },
        weight: sum.transactions as f64 / transactions.max(1) as f64,
        holds: sum.holds,
        is_spending: sum.is_spending,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use microseg_encoding::{Encoder, InputDeclaration};
    use microseg_history::{Limits, Taxonomy};
    use serde_json::json;

    use super::*;

    const CLASSES: &str =
        "class,title,group,mcc,source\nfood,Food,food,,\nrent,Rent,home,,\npay,Pay,income,,\n";
    const HISTORY: &str = r#"{"transactions": [
        {"timestamp": "2020-01-01", "amount": -30, "class": "food"},
        {"timestamp": "2020-01-02", "amount": 90, "class": "pay"},
        {"timestamp": "2020-02-01", "amount": -70, "class": "rent"},
        {"timestamp": "2020-02-02", "amount": -5}]}"#;

    /// Gives the division of the history's transactions to a test.
    fn with_division(
        divide: impl Fn(Reencoded<'_>) -> TransactionDivision,
        check: impl Fn(&TransactionDivision),
    ) {
        let taxonomy = Arc::new(Taxonomy::from_csv(CLASSES).unwrap());
        let declaration = InputDeclaration::new(
            serde_json::from_value(json!({"step": "event", "window": {"events": 3}})).unwrap(),
            serde_json::from_value(json!({})).unwrap(),
            serde_json::from_value(json!({"numbers": [{"of": "amount"}]})).unwrap(),
            &["food".to_owned(), "rent".to_owned()],
        );
        let encoder = Encoder::with_inputs(taxonomy, declaration.unwrap(), Limits::default());
        let history = encoder.read_to_explain(HISTORY.as_bytes()).unwrap();
        let reencoder = encoder.reencoder(&history).unwrap();
        let transactions = reencoder.transactions(&history);
        check(&divide(Reencoded {
            reencoder: &reencoder,
            transactions: &transactions,
            taxonomy: encoder.taxonomy(),
            before: None,
            cut: None,
        }));
    }

    fn described(division: &TransactionDivision) -> Vec<(Place, f64, f64, usize, bool)> {
        let parts = division.parts().iter();
        parts
            .map(|part| {
                (
                    part.place,
                    part.share,
                    part.weight,
                    part.holds,
                    part.is_spending,
                )
            })
            .collect()
    }

    #[test]
    fn income_and_what_has_no_class_are_parts_without_spending() {
        let by_class =
            |of: Reencoded<'_>| TransactionDivision::by_level(of, Level::Class, |_| true);
        with_division(by_class, |division| {
            let expected = [
                (Place::Class(0), 0.3, 0.25, 1, true),
                (Place::Class(1), 0.7, 0.25, 1, true),
                (Place::Class(2), 0.0, 0.25, 1, false),
                (Place::Class(3), 0.0, 0.25, 1, false),
            ];
            assert_eq!(described(division), expected);
            let factors = division.left(&[0.0, 1.0, 2.0, 3.0]).factors;
            assert_eq!(factors, [0.0, 2.0, 1.0, 3.0]);
        });
    }

    #[test]
    fn transactions_that_are_not_kept_are_the_rest_and_pruned_ones_are_a_part() {
        let by_event = |of: Reencoded<'_>| {
            let place = |index: usize| match index {
                0 => Place::Pruned,
                index => Place::Event(index),
            };
            TransactionDivision::new(of, place, |place| place == Place::Event(2))
        };
        with_division(by_event, |division| {
            let expected = [
                (Place::Event(2), 0.7, 0.25, 1, false),
                (Place::Pruned, 0.3, 0.25, 1, true),
                (Place::Rest, 0.0, 0.5, 2, false),
            ];
            assert_eq!(described(division), expected);
            let left = division.left(&[1.0, 0.0, 3.0]);
            assert_eq!(left.factors, [0.0, 3.0, 1.0, 3.0]);
            assert_eq!(left.before, Before::Gone);
        });
    }
}
