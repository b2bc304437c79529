//! Fields of events: what the numbers of a step are taken from, each with all numbers that are taken from it.

use super::numbers::{ClockPart, EventSource, Number};
use microseg_history::{DeclaredFields, Field};

/// A field of a transaction, or something that is made of its time. Several numbers may be taken from it, such as the sine
/// and the cosine of the weekday.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberField {
    /// The member of a transaction, such as `amount` or `balance`; or `days_since_previous`, `hour`, `weekday`,
    /// `day_of_month` or `month`. A declared field with one of these names has `field.` before it.
    pub name: String,
    /// Whether there can be more of it: places in a cycle, such as the weekday, have no more.
    pub is_quantity: bool,
    /// The places of its numbers among those of a step.
    pub(crate) columns: Vec<usize>,
}

impl NumberField {
    /// The places of its numbers among those of a step.
    #[must_use]
    pub fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// The fields of these numbers, in the order of their first ones.
    pub(super) fn all(numbers: &[Number<EventSource>], declared: &DeclaredFields) -> Vec<Self> {
        let mut found: Vec<(EventSource, Self)> = Vec::new();
        for (column, number) in numbers.iter().enumerate() {
            let of_same = found
                .iter_mut()
                .find(|(source, _)| source.is_of_field_of(number.source));
            match of_same {
                Some((_, field)) => field.columns.push(column),
                None => found.push((
                    number.source,
                    Self {
                        name: number.source.field_name(declared),
                        is_quantity: !matches!(number.source, EventSource::Clock(..)),
                        columns: vec![column],
                    },
                )),
            }
        }
        found.into_iter().map(|(_, field)| field).collect()
    }
}

/// The names of what is made of a transaction's time.
const OF_TIME: [&str; 5] = [
    "days_since_previous",
    "hour",
    "weekday",
    "day_of_month",
    "month",
];

impl EventSource {
    fn is_of_field_of(self, other: Self) -> bool {
        match (self, other) {
            (Self::Clock(one, _), Self::Clock(other, _)) => one == other,
            (one, other) => one == other,
        }
    }

    fn field_name(self, declared: &DeclaredFields) -> String {
        let [since_previous, hour, weekday, day_of_month, month] = OF_TIME;
        let name = match self {
            Self::Amount => Field::Amount.name(),
            Self::DaysSincePrevious => since_previous,
            Self::Clock(ClockPart::Hour, _) => hour,
            Self::Clock(ClockPart::Weekday, _) => weekday,
            Self::Clock(ClockPart::DayOfMonth, _) => day_of_month,
            Self::Clock(ClockPart::Month, _) => month,
            Self::Field(field) => {
                let name = declared.get(field).map_or("", |(name, _)| name);
                if OF_TIME.contains(&name) {
                    return format!("field.{name}");
                }
                name
            }
        };
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::InputDeclaration;

    fn declaration(step: &str, numbers: &Value) -> InputDeclaration {
        let window = match step {
            "event" => json!({"events": 9}),
            _ => json!(9),
        };
        InputDeclaration::new(
            serde_json::from_value(json!({"step": step, "window": window})).unwrap(),
            serde_json::from_value(
                json!({"balance": {"type": "number"}, "hour": {"type": "number"}}),
            )
            .unwrap(),
            serde_json::from_value(json!({"numbers": numbers})).unwrap(),
            &["food".to_owned()],
        )
        .unwrap()
    }

    #[test]
    fn numbers_of_one_field_are_together_and_names_are_told_apart() {
        let declaration = declaration(
            "event",
            &json!([
                {"of": "weekday", "as": "sine"}, {"of": "amount"}, {"of": "weekday", "as": "cosine"},
                {"of": "field", "field": "hour"}, {"of": "hour"}, {"of": "amount", "transforms": ["log1p"]},
                {"of": "field", "field": "balance"}, {"of": "days_since_previous"},
            ]),
        );
        let fields = declaration.number_fields();
        let described: Vec<(&str, bool, &[usize])> = fields
            .iter()
            .map(|field| (&*field.name, field.is_quantity, &*field.columns))
            .collect();
        let expected: [(&str, bool, &[usize]); 6] = [
            ("weekday", false, &[0, 2]),
            ("amount", true, &[1, 5]),
            ("field.hour", true, &[3]),
            ("hour", false, &[4]),
            ("balance", true, &[6]),
            ("days_since_previous", true, &[7]),
        ];
        assert_eq!(described, expected);
    }

    #[test]
    fn periods_have_no_fields_of_events() {
        let numbers = json!([{"of": "total_spending"}, {"of": "last", "field": "balance"}]);
        assert_eq!(declaration("month", &numbers).number_fields(), []);
    }
}
