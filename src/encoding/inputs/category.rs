//! Codes of an event's categories.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashMap;

use microseg_history::{Amount, ClassReference, DeclaredFields, DeclaredValue, Field, Taxonomy};

use super::refusal::Refusal;
use crate::declaration::{Category, Fallback, SignCodes, Vocabulary};
use crate::event::Event;

/// The code of a value, or why there is none.
enum Code {
    Found(i64),
    Unknown,
    Missing,
}

impl Code {
    fn of<T>(value: Option<T>, find: impl FnOnce(T) -> Option<i64>) -> Self {
        match value.map(find) {
            Some(Some(code)) => Self::Found(code),
            Some(None) => Self::Unknown,
            None => Self::Missing,
        }
    }
}

impl Category {
    /// The code of an event.
    pub(super) fn code(&self, event: &Event, taxonomy: &Taxonomy) -> Result<i64, Refusal> {
        let (fallback, refusal) = match self.vocabulary.find(event, taxonomy) {
            Code::Found(code) => return Ok(code),
            Code::Unknown => (self.unknown, Refusal::UnknownCode),
            Code::Missing => (self.missing, Refusal::MissingCode),
        };
        match fallback {
            Fallback::Code(code) => Ok(code),
            Fallback::Refuse => Err(refusal),
        }
    }

    /// The member of the transaction that the code comes from.
    pub(super) fn member<'a>(&self, event: &Event, fields: &'a DeclaredFields) -> Cow<'a, str> {
        let has_code = event.details.mcc.is_some();
        Cow::Borrowed(match &self.vocabulary {
            Vocabulary::Class(_) if has_code && !event.details.names_class => Field::Mcc.name(),
            Vocabulary::Class(_) => Field::Class.name(),
            Vocabulary::Mcc(_) => Field::Mcc.name(),
            Vocabulary::Sign(_) => Field::Amount.name(),
            Vocabulary::Field { field, .. } => fields.get(*field).map_or("", |(name, _)| name),
        })
    }
}

impl Vocabulary {
    fn find(&self, event: &Event, taxonomy: &Taxonomy) -> Code {
        match self {
            Self::Class(codes) => class_code(codes, event.transaction.class, taxonomy),
            Self::Mcc(codes) => Code::of(event.details.mcc, |mcc| codes.get(&mcc).copied()),
            Self::Sign(codes) => Code::of(Some(event.amount()), |amount| codes.find(amount)),
            Self::Field { field, codes } => {
                let text = match event.details.values.get(*field) {
                    Some(DeclaredValue::Text(text)) => Some(text),
                    Some(DeclaredValue::Number(_)) | None => None,
                };
                Code::of(text, |text| codes.get(&**text).copied())
            }
        }
    }
}

fn class_code(codes: &HashMap<String, i64>, class: ClassReference, taxonomy: &Taxonomy) -> Code {
    match class {
        ClassReference::Absent => Code::Missing,
        ClassReference::Unknown => Code::Unknown,
        ClassReference::Known(booking) => {
            let class = taxonomy.class_of(booking);
            Code::of(Some(class), |class| codes.get(&class?.id).copied())
        }
    }
}

impl SignCodes {
    fn find(self, amount: Amount) -> Option<i64> {
        match amount.cmp(&Amount::default()) {
            Ordering::Less => self.outgoing,
            Ordering::Equal => self.zero,
            Ordering::Greater => self.incoming,
        }
    }
}
