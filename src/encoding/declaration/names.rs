//! Names of a network's inputs, as documents and explanations show them.

use std::collections::HashMap;

use super::document::{
    CategoryDocument, CategorySource, Form, InputsDocument, NumberDocument, NumberSource,
};

impl NumberSource {
    /// The name in documents.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Share => "share",
            Self::Spending => "spending",
            Self::Count => "count",
            Self::Presence => "presence",
            Self::TotalSpending => "total_spending",
            Self::Income => "income",
            Self::Transactions => "transactions",
            Self::ActiveDays => "active_days",
            Self::Last => "last",
            Self::Mean => "mean",
            Self::Min => "min",
            Self::Max => "max",
            Self::Sum => "sum",
            Self::Month => "month",
            Self::Amount => "amount",
            Self::DaysSincePrevious => "days_since_previous",
            Self::Hour => "hour",
            Self::Weekday => "weekday",
            Self::DayOfMonth => "day_of_month",
            Self::Field => "field",
        }
    }

    /// Whether it is one number for each class.
    #[must_use]
    pub fn is_of_classes(self) -> bool {
        matches!(
            self,
            Self::Share | Self::Spending | Self::Count | Self::Presence
        )
    }
}

impl CategorySource {
    /// The name in documents.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Class => "class",
            Self::Mcc => "mcc",
            Self::Sign => "sign",
            Self::Field => "field",
        }
    }
}

/// One name for each number of a step.
pub(super) fn number_names(inputs: &InputsDocument, classes: &[String]) -> Vec<String> {
    let mut names = Vec::new();
    for number in &inputs.numbers {
        if number.of.is_of_classes() {
            let of = number.of.name();
            names.extend(classes.iter().map(|class| format!("{of}.{class}")));
        } else {
            names.push(number_name(number));
        }
    }
    told_apart(names)
}

/// One name for each category of a step.
pub(super) fn category_names(inputs: &InputsDocument) -> Vec<String> {
    told_apart(inputs.categories.iter().map(category_name).collect())
}

fn number_name(number: &NumberDocument) -> String {
    let mut name = number.of.name().to_owned();
    let form = match number.form {
        Some(Form::Sine) => Some("sine"),
        Some(Form::Cosine) => Some("cosine"),
        Some(Form::Number) | None => None,
    };
    for part in number.field.as_deref().into_iter().chain(form) {
        name.push('.');
        name.push_str(part);
    }
    name
}

fn category_name(category: &CategoryDocument) -> String {
    let of = category.of.name();
    match &category.field {
        Some(field) => format!("{of}.{field}"),
        None => of.to_owned(),
    }
}

/// The names, with a number behind one that came before: an input may be read twice, with other transforms.
fn told_apart(names: Vec<String>) -> Vec<String> {
    let mut times: HashMap<String, usize> = HashMap::new();
    let mut name_again = |name: String| {
        let times = times.entry(name.clone()).or_default();
        *times += 1;
        if *times == 1 {
            name
        } else {
            format!("{name}#{times}")
        }
    };
    names.into_iter().map(&mut name_again).collect()
}
