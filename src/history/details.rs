//! Details of a transaction: what models ask for that read more of it than its time, amount and class.

use super::declared::DeclaredFields;
use super::declared_value::DeclaredValues;
use super::fields::{ClassReference, TransactionFields};
use super::identifier::Identifier;
use super::mcc::Mcc;

/// What a transaction has beside its time, amount and class.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Details {
    /// Its identifier, if it has one.
    pub id: Option<Identifier>,
    /// Its merchant category code, whether the taxonomy has it or not.
    pub mcc: Option<Mcc>,
    /// Whether its class is named by `class`, and not by its code alone.
    pub names_class: bool,
    /// The values of the declared fields.
    pub values: DeclaredValues,
}

impl TransactionFields {
    /// The details of the transaction with these values.
    #[must_use]
    pub fn details(&self, id: Option<Identifier>, values: DeclaredValues) -> Details {
        let class = self.class.map_or(ClassReference::Absent, |class| class.0);
        Details {
            id,
            mcc: self.mcc.and_then(|mcc| mcc.code),
            names_class: class != ClassReference::Absent,
            values,
        }
    }
}

/// The details of a transaction that is being read.
pub(crate) struct UnfinishedDetails<'a> {
    pub(crate) fields: &'a DeclaredFields,
    pub(crate) id: Option<Identifier>,
    pub(crate) values: DeclaredValues,
    /// One bit for each field that has been read; there are at most [`DeclaredFields::MOST`].
    read: u64,
}

impl<'a> UnfinishedDetails<'a> {
    pub(crate) fn new(fields: &'a DeclaredFields) -> Self {
        Self {
            fields,
            id: None,
            values: DeclaredValues::missing(fields),
            read: 0,
        }
    }

    /// Notes that the field at a place is being read; gives whether it was before.
    pub(crate) fn was_read(&mut self, place: usize) -> bool {
        let bit = 1_u64
            .checked_shl(u32::try_from(place).unwrap_or(u32::MAX))
            .unwrap_or(0);
        let was_read = self.read & bit != 0;
        self.read |= bit;
        was_read
    }

    /// The details, with those that the values of the known fields have.
    pub(crate) fn finish(self, fields: &TransactionFields) -> Details {
        fields.details(self.id, self.values)
    }
}
