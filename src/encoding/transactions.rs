//! Transactions of a history that is to be explained, and their canonical form: a history document.
//!
//! The canonical form has the transactions in the order in which the network reads them, each with all that decides this order
//! and what is read, and nothing else. It is a history as any request has it, so that it is read again by the same reader.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::continuation::Checkpoint;
use super::event::Event;
use super::inputs::Inputs;
use microseg_history::{
    Booking, ClassReference, DeclaredFields, DeclaredValue, Field, Moment, Taxonomy, TimeZone,
};

/// The name of a class that the taxonomy does not have: no class has it.
const UNKNOWN_CLASS: &str = "";

/// The transactions before the end of the window, in their order; also those before its beginning, which it would reach if
/// newer ones were not there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Transactions {
    pub(super) events: Vec<Event>,
    pub(super) as_of: Option<Moment>,
    /// The place that they go on from, of a state without a window; `None` where they are all.
    pub(super) before: Option<Checkpoint>,
    /// What is read of each event after the one before it; `None` where steps are periods.
    pub(super) encoded: Option<Inputs>,
}

/// What the values of a transaction mean.
#[derive(Clone, Copy)]
pub(super) struct Meaning<'a> {
    pub(super) taxonomy: &'a Taxonomy,
    pub(super) fields: &'a DeclaredFields,
    pub(super) zone: &'a TimeZone,
}

#[derive(Serialize)]
struct CanonicalHistory<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    time_zone: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_token: Option<String>,
    unknown_class: &'static str,
    transactions: Vec<CanonicalTransaction<'a>>,
}

struct CanonicalTransaction<'a> {
    event: &'a Event,
    meaning: Meaning<'a>,
}

impl Transactions {
    /// The canonical form.
    ///
    /// # Errors
    /// None that transactions can cause; serialising to memory has an error type all the same.
    pub(super) fn to_json(&self, meaning: Meaning<'_>) -> Result<Vec<u8>, serde_json::Error> {
        let transactions = self.events.iter();
        serde_json::to_vec(&CanonicalHistory {
            time_zone: meaning.zone.name(),
            as_of: self.as_of.map(|as_of| as_of.to_string()),
            state_token: self.before.as_ref().and_then(Checkpoint::written),
            unknown_class: "skip",
            transactions: transactions
                .map(|event| CanonicalTransaction { event, meaning })
                .collect(),
        })
    }
}

impl CanonicalTransaction<'_> {
    /// The class by its name; none where the transaction names neither class nor code.
    fn class(&self) -> Option<&str> {
        match self.event.transaction.class {
            ClassReference::Absent => None,
            ClassReference::Unknown => Some(UNKNOWN_CLASS),
            ClassReference::Known(booking) => Some(self.name_of(booking)),
        }
    }

    fn name_of(&self, booking: Booking) -> &str {
        let class = self.meaning.taxonomy.class_of(booking);
        class.map_or(UNKNOWN_CLASS, |class| class.id.as_str())
    }
}

impl Serialize for CanonicalTransaction<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let details = &self.event.details;
        let mut map = serializer.serialize_map(None)?;
        if let Some(id) = &details.id {
            map.serialize_entry(Field::Id.name(), id.as_str())?;
        }
        let moment = self.event.moment().to_string();
        map.serialize_entry(Field::Timestamp.name(), &moment)?;
        map.serialize_entry(Field::Amount.name(), &self.event.amount().to_f64())?;
        if let Some(class) = self.class() {
            map.serialize_entry(Field::Class.name(), class)?;
        }
        if let Some(mcc) = details.mcc {
            map.serialize_entry(Field::Mcc.name(), &mcc.get())?;
        }
        for ((name, _), value) in self.meaning.fields.iter().zip(details.values.iter()) {
            match value {
                Some(DeclaredValue::Number(number)) => map.serialize_entry(name, number)?,
                Some(DeclaredValue::Text(text)) => map.serialize_entry(name, &**text)?,
                None => {}
            }
        }
        map.end()
    }
}
