//! Documents that declare what a network reads: `sequence`, `fields` and `inputs` of a description or a manifest.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fallback::Fallback;
use super::members::unique_members;
use super::step::Step;
use super::transform::Transform;
use super::window::WindowDocument;

/// How a history becomes a sequence of steps.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SequenceDocument {
    /// What one step is.
    pub step: Step,
    /// How many of the last steps the network reads.
    pub window: WindowDocument,
}

/// The declared fields of transactions, by their names.
#[derive(Debug, Clone, Default, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FieldsDocument(
    #[serde(deserialize_with = "unique_members")] pub BTreeMap<String, FieldDocument>,
);

impl FieldsDocument {
    /// Whether no field is declared.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A member of transactions that the network reads.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldDocument {
    /// The type of its values.
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// The unit of a number, in words; it is shown and changes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"EUR")]
    pub unit: Option<String>,
}

/// The type of a declared field's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// A finite number.
    Number,
    /// Text, or a whole number that is read as its digits.
    Category,
}

/// What the network reads at each step.
#[derive(Debug, Clone, Default, PartialEq, JsonSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputsDocument {
    /// The numbers, in the order of the network's input.
    pub numbers: Vec<NumberDocument>,
    /// The categories, in the order of the network's input.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<CategoryDocument>,
}

/// A number that the network reads at each step, or one for each class.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberDocument {
    /// What it is taken from.
    pub of: NumberSource,
    /// The name of the field, where it is of a field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"balance")]
    pub field: Option<String>,
    /// How a place in a cycle becomes a number; `number` where it is left out.
    #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
    pub form: Option<Form>,
    /// What is done to the number, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transforms: Vec<Transform>,
    /// What stands for a missing value, after the transforms; 0 where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = 0.0)]
    pub missing: Option<f64>,
}

/// What a number is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberSource {
    /// Of each class: its share of the period's spending.
    Share,
    /// Of each class: its net spending.
    Spending,
    /// Of each class: its transactions, refunds included.
    Count,
    /// Of each class: 1 when it has a transaction, else 0.
    Presence,
    /// The net spending of all classes.
    TotalSpending,
    /// The bookings of income classes, added up.
    Income,
    /// All transactions of the period.
    Transactions,
    /// The days with a transaction.
    ActiveDays,
    /// The field's value in the last transaction of the period that has one.
    Last,
    /// The mean of the field's values.
    Mean,
    /// The smallest of the field's values.
    Min,
    /// The largest of the field's values.
    Max,
    /// The sum of the field's values.
    Sum,
    /// The month, 1 to 12: of the event, or of the period's first day.
    Month,
    /// The amount; money out is negative.
    Amount,
    /// The days since the event before, as a fraction.
    DaysSincePrevious,
    /// The hour, 0 to 23.
    Hour,
    /// The day of the week, from 0 for Monday.
    Weekday,
    /// The day of the month, from 1.
    DayOfMonth,
    /// The field's value.
    Field,
}

/// How a place in a cycle, such as an hour of the day, becomes a number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// The number itself.
    #[default]
    Number,
    /// The sine of its angle.
    Sine,
    /// The cosine of its angle.
    Cosine,
}

/// A category that the network reads at each event, as a code.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CategoryDocument {
    /// What it is taken from.
    pub of: CategorySource,
    /// The name of the field, where it is of a field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"balance")]
    pub field: Option<String>,
    /// The code of each value.
    #[schemars(extend("examples" = [{"5411": 1, "5812": 2}]))]
    #[serde(deserialize_with = "unique_members")]
    pub vocabulary: BTreeMap<String, i64>,
    /// The code of steps that are no event, where sequences are made equally long.
    #[schemars(example = 0)]
    pub padding: i64,
    /// What happens to a value that the vocabulary lacks.
    pub unknown: Fallback,
    /// What happens to a missing value.
    pub missing: Fallback,
}

/// What a category is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CategorySource {
    /// The class that the taxonomy finds for the transaction's class or MCC.
    Class,
    /// The merchant category code.
    Mcc,
    /// The direction of the amount: `out`, `in` or `zero`.
    Sign,
    /// The field's value.
    Field,
}
