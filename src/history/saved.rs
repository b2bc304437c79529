//! Saved form of transactions: numbers and places alone, so that a history can be continued later.
//!
//! It holds for one taxonomy and one list of declared fields, to which classes and values refer by their places.

use serde::{Deserialize, Serialize};

use super::amount::Amount;
use super::declared::DeclaredFields;
use super::declared_value::{DeclaredValue, DeclaredValues};
use super::details::Details;
use super::fields::ClassReference;
use super::identifier::Identifier;
use super::mcc::Mcc;
use super::moment::Moment;
use super::taxonomy::{Booking, Taxonomy};
use super::transaction::ParsedTransaction;

/// A saved transaction with its details.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedTransaction {
    moment: SavedMoment,
    amount: SavedAmount,
    class: SavedClass,
    id: Option<Identifier>,
    mcc: Option<u16>,
    names_class: bool,
    values: Vec<Option<SavedValue>>,
}

/// A moment: months since the beginning of the year 0, and seconds and nanoseconds since the beginning of the month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedMoment(i32, u32, u32);

/// An amount, or a sum of amounts: in hundredths where that is exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SavedAmount {
    /// Hundredths.
    Hundredths(i128),
    /// Units of 10^-18.
    Units(i128),
}

impl From<Moment> for SavedMoment {
    fn from(moment: Moment) -> Self {
        let (months, seconds, nanoseconds) = moment.parts();
        Self(months, seconds, nanoseconds)
    }
}

impl SavedMoment {
    /// The moment; `None` outside of the years of histories.
    #[must_use]
    pub fn restore(self) -> Option<Moment> {
        Moment::of_parts(self.0, self.1, self.2)
    }
}

impl From<Amount> for SavedAmount {
    fn from(amount: Amount) -> Self {
        match amount.hundredths() {
            Some(hundredths) => Self::Hundredths(hundredths),
            None => Self::Units(amount.units()),
        }
    }
}

impl SavedAmount {
    /// The amount; `None` when it is larger than any sum of amounts.
    #[must_use]
    pub fn restore(self) -> Option<Amount> {
        match self {
            Self::Hundredths(hundredths) => Amount::of_hundredths(hundredths),
            Self::Units(units) => Some(Amount::of_units(units)),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum SavedClass {
    Absent,
    Unknown,
    Spending(usize),
    Income(usize),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum SavedValue {
    Number(f64),
    Text(Box<str>),
}

impl SavedTransaction {
    /// The saved form of a transaction.
    #[must_use]
    pub fn new(transaction: &ParsedTransaction, details: &Details) -> Self {
        let values = details.values.iter().map(|value| {
            value.map(|value| match value {
                DeclaredValue::Number(number) => SavedValue::Number(*number),
                DeclaredValue::Text(text) => SavedValue::Text(text.clone()),
            })
        });
        Self {
            moment: transaction.moment.into(),
            amount: transaction.amount.into(),
            class: match transaction.class {
                ClassReference::Absent => SavedClass::Absent,
                ClassReference::Unknown => SavedClass::Unknown,
                ClassReference::Known(Booking::Spending(class)) => {
                    SavedClass::Spending(class.get())
                }
                ClassReference::Known(Booking::Income(class)) => SavedClass::Income(class.get()),
            },
            id: details.id.clone(),
            mcc: details.mcc.map(Mcc::get),
            names_class: details.names_class,
            values: values.collect(),
        }
    }

    /// The transaction; `None` when the taxonomy does not have its class, or the fields are others.
    #[must_use]
    pub fn restore(
        self,
        taxonomy: &Taxonomy,
        fields: &DeclaredFields,
    ) -> Option<(ParsedTransaction, Details)> {
        let class = match self.class {
            SavedClass::Absent => ClassReference::Absent,
            SavedClass::Unknown => ClassReference::Unknown,
            SavedClass::Spending(place) => {
                ClassReference::Known(Booking::Spending(taxonomy.spending_class(place)?))
            }
            SavedClass::Income(place) => {
                ClassReference::Known(Booking::Income(taxonomy.income_class(place)?))
            }
        };
        if self.values.len() != fields.len() {
            return None;
        }
        let mut values = DeclaredValues::missing(fields);
        for (place, value) in self.values.into_iter().enumerate() {
            let value = value.map(|value| match value {
                SavedValue::Number(number) => DeclaredValue::Number(number),
                SavedValue::Text(text) => DeclaredValue::Text(text),
            });
            values.set(place, value);
        }
        let mcc = match self.mcc {
            Some(code) => Some(Mcc::of_whole_number(code)?),
            None => None,
        };
        let transaction = ParsedTransaction {
            moment: self.moment.restore()?,
            amount: self.amount.restore()?,
            class,
        };
        let details = Details {
            id: self.id,
            mcc,
            names_class: self.names_class,
            values,
        };
        Some((transaction, details))
    }
}
