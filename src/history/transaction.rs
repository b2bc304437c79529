//! One transaction as JSON: read and checked.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::amount::Amount;
use super::identifier::CheckedIdentifier;
use super::{Booking, Moment, Taxonomy};

pub(super) const NO_MCC: &str = "expected an MCC, 0 to 9999";

/// What to do with a class that the taxonomy does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownClass {
    /// Refuse the history, at the transaction.
    Refuse,
    /// Count the transaction as unclassified and remember that there was one.
    Count,
}

/// What a transaction says; its own name is checked and let go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Transaction {
    pub(super) moment: Moment,
    pub(super) amount: Amount,
    /// `None` for one that falls into no class.
    pub(super) booking: Option<Booking>,
}

/// Reads one transaction object.
pub(super) struct TransactionSeed<'a> {
    pub(super) taxonomy: &'a Taxonomy,
    pub(super) unknown_class: UnknownClass,
    /// Set when a transaction was counted that `UnknownClass::Refuse` would have refused.
    pub(super) met_unknown_class: &'a mut bool,
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
pub(super) enum Member {
    Id,
    Timestamp,
    Amount,
    Mcc,
    Class,
    /// Exports carry more columns than are asked for here.
    #[serde(other)]
    Other,
}

/// What the members `class` and `mcc` say.
#[derive(Debug, Clone, Copy)]
pub(super) enum Named {
    /// Absent, or `null`.
    Nothing,
    /// A class or code of the taxonomy.
    Known(Booking),
    /// A name or code that the taxonomy does not have.
    Unknown,
}

impl Named {
    pub(super) fn of_class(taxonomy: &Taxonomy, name: &str) -> Self {
        let booking = taxonomy.booking_of_class(name);
        booking.map_or(Self::Unknown, Self::Known)
    }

    pub(super) fn of_mcc(taxonomy: &Taxonomy, code: u16) -> Self {
        let booking = taxonomy.booking_of_mcc(code);
        booking.map_or(Self::Unknown, Self::Known)
    }
}

/// What [`UnknownClass`] decides: whether such a transaction is refused or counted as unclassified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unclassified {
    /// The taxonomy lacks its class.
    #[error("no such class in the model's taxonomy")]
    UnknownClass,
    /// It has neither class nor MCC.
    #[error("a transaction needs `class` or `mcc`")]
    Nameless,
}

/// What a transaction with this class and this MCC is booked as; the class wins, and an MCC outside the taxonomy is
/// `None`.
pub(super) fn booking(class: Named, mcc: Named) -> Result<Option<Booking>, Unclassified> {
    match (class, mcc) {
        (Named::Known(booking), _) | (Named::Nothing, Named::Known(booking)) => Ok(Some(booking)),
        (Named::Nothing, Named::Unknown) => Ok(None),
        (Named::Unknown, _) => Err(Unclassified::UnknownClass),
        (Named::Nothing, Named::Nothing) => Err(Unclassified::Nameless),
    }
}

impl<'de> DeserializeSeed<'de> for TransactionSeed<'_> {
    type Value = Transaction;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Transaction, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for TransactionSeed<'_> {
    type Value = Transaction;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a transaction object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Transaction, A::Error> {
        let mut timestamp: Option<Moment> = None;
        let mut amount: Option<Amount> = None;
        let mut id: Option<CheckedIdentifier> = None;
        let mut class: Option<Named> = None;
        let mut mcc: Option<Named> = None;
        while let Some(member) = map.next_key()? {
            match member {
                Member::Id => once(&mut id, map.next_value()?, "id")?,
                Member::Timestamp => once(&mut timestamp, map.next_value()?, "timestamp")?,
                Member::Amount => once(&mut amount, map.next_value()?, "amount")?,
                Member::Mcc => once(&mut mcc, map.next_value_seed(Code(self.taxonomy))?, "mcc")?,
                Member::Class => {
                    let refuse = self.unknown_class == UnknownClass::Refuse;
                    let name = ClassName {
                        taxonomy: self.taxonomy,
                        refuse,
                    };
                    once(&mut class, map.next_value_seed(name)?, "class")?;
                }
                Member::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        let timestamp = timestamp.ok_or_else(|| de::Error::missing_field("timestamp"))?;
        let amount = amount.ok_or_else(|| de::Error::missing_field("amount"))?;
        let class = class.unwrap_or(Named::Nothing);
        let mcc = mcc.unwrap_or(Named::Nothing);
        let booking = match booking(class, mcc) {
            Ok(booking) => booking,
            Err(unclassified) if self.unknown_class == UnknownClass::Refuse => {
                return Err(de::Error::custom(unclassified));
            }
            Err(_) => {
                *self.met_unknown_class = true;
                None
            }
        };
        Ok(Transaction {
            moment: timestamp,
            amount,
            booking,
        })
    }
}

/// Keeps the first value of a member and refuses a second one.
pub(super) fn once<T, E: de::Error>(
    slot: &mut Option<T>,
    value: T,
    member: &'static str,
) -> Result<(), E> {
    if slot.replace(value).is_some() {
        return Err(E::duplicate_field(member));
    }
    Ok(())
}

/// The value of `class`.
struct ClassName<'a> {
    taxonomy: &'a Taxonomy,
    refuse: bool,
}

impl<'de> DeserializeSeed<'de> for ClassName<'_> {
    type Value = Named;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Named, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Visitor<'_> for ClassName<'_> {
    type Value = Named;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("the name of a class as a string")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Named, E> {
        match Named::of_class(self.taxonomy, name) {
            Named::Unknown if self.refuse => Err(E::custom(Unclassified::UnknownClass)),
            named => Ok(named),
        }
    }

    fn visit_unit<E: de::Error>(self) -> Result<Named, E> {
        Ok(Named::Nothing)
    }
}

/// The value of `mcc`: a number or, since codes have leading zeros, a string of four digits.
struct Code<'a>(&'a Taxonomy);

impl<'de> DeserializeSeed<'de> for Code<'_> {
    type Value = Named;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Named, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Visitor<'_> for Code<'_> {
    type Value = Named;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("an MCC, 0 to 9999")
    }

    fn visit_u64<E: de::Error>(self, code: u64) -> Result<Named, E> {
        match u16::try_from(code) {
            Ok(code) if code <= 9999 => Ok(Named::of_mcc(self.0, code)),
            _ => Err(E::custom(NO_MCC)),
        }
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Named, E> {
        if text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            let code = text
                .bytes()
                .fold(0, |code, byte| code * 10 + u64::from(byte - b'0'));
            self.visit_u64(code)
        } else {
            Err(E::custom("expected an MCC of four digits"))
        }
    }

    fn visit_unit<E: de::Error>(self) -> Result<Named, E> {
        Ok(Named::Nothing)
    }
}
