//! Events of a history: its transactions in an order that does not depend on how the history lists them.

use std::cmp::Ordering;

use microseg_history::{
    Amount, ClassReference, DeclaredValue, Details, Identifier, Moment, ParsedTransaction,
    SavedTransaction, Taxonomy,
};

/// One transaction with its details.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Event {
    pub(crate) transaction: ParsedTransaction,
    pub(crate) details: Details,
    /// The place in the history's list, from 0.
    pub(crate) index: u32,
}

impl Event {
    pub(crate) fn save(&self) -> SavedTransaction {
        SavedTransaction::new(&self.transaction, &self.details)
    }

    pub(crate) fn moment(&self) -> Moment {
        self.transaction.moment
    }

    pub(crate) fn amount(&self) -> Amount {
        self.transaction.amount
    }

    /// By time; of the same time by identifier, class, MCC, amount, and the declared fields. What is missing comes first,
    /// and of classes those that the taxonomy lacks come second.
    ///
    /// Two events that differ in none of them are read as the same; the place in the list decides then, for errors.
    pub(crate) fn order(&self, other: &Self, taxonomy: &Taxonomy) -> Ordering {
        self.moment().cmp(&other.moment()).then_with(|| {
            self.id()
                .cmp(&other.id())
                .then_with(|| self.class_rank(taxonomy).cmp(&other.class_rank(taxonomy)))
                .then_with(|| self.details.mcc.cmp(&other.details.mcc))
                .then_with(|| self.amount().cmp(&other.amount()))
                .then_with(|| self.order_of_values(other))
                .then_with(|| self.index.cmp(&other.index))
        })
    }

    fn id(&self) -> Option<&str> {
        self.details.id.as_ref().map(Identifier::as_str)
    }

    fn class_rank<'a>(&self, taxonomy: &'a Taxonomy) -> (u8, &'a str) {
        match self.transaction.class {
            ClassReference::Absent => (0, ""),
            ClassReference::Unknown => (1, ""),
            ClassReference::Known(booking) => {
                let class = taxonomy.class_of(booking);
                (2, class.map_or("", |class| class.id.as_str()))
            }
        }
    }

    fn order_of_values(&self, other: &Self) -> Ordering {
        let order = |one: Option<&DeclaredValue>, other: Option<&DeclaredValue>| match (one, other)
        {
            (Some(one), Some(other)) => one.order(other),
            (one, other) => one.is_some().cmp(&other.is_some()),
        };
        let values = self.details.values.iter().zip(other.details.values.iter());
        values
            .map(|(one, other)| order(one, other))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}
