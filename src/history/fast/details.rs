//! Plain transactions with their details, member by member.

use super::cursor::{Cursor, once};
use super::transaction::Name;
use crate::declared::{DeclaredFields, FieldKind};
use crate::declared_value::{DeclaredValue, DeclaredValueSeed};
use crate::details::{Details, UnfinishedDetails};
use crate::encountered::Encountered;
use crate::fields::{Field, ReadContext, TransactionFields};
use crate::identifier::{CheckedIdentifier, Identifier};
use crate::sink::TransactionSink;
use crate::transaction::ParsedTransaction;

/// Reads an array of at most `limit` transactions with their details; `None` where one is not plain.
pub(super) fn read_detailed(
    cursor: &mut Cursor<'_>,
    context: ReadContext<'_>,
    declared: &DeclaredFields,
    limit: usize,
    encountered: &mut Encountered,
    sink: &mut impl TransactionSink,
) -> Option<()> {
    cursor.take(b'[')?;
    if cursor.passes(b']') {
        return Some(());
    }
    for _ in 0..limit {
        let (transaction, details) = cursor.detailed(context, declared, encountered)?;
        sink.add_with_details(transaction, details);
        if cursor.ends(b']')? {
            return Some(());
        }
    }
    None
}

impl Cursor<'_> {
    /// Reads a transaction object with its details.
    fn detailed(
        &mut self,
        context: ReadContext<'_>,
        declared: &DeclaredFields,
        encountered: &mut Encountered,
    ) -> Option<(ParsedTransaction, Details)> {
        let mut fields = TransactionFields::default();
        let mut details = UnfinishedDetails::new(declared);
        self.take(b'{')?;
        loop {
            match self.name()? {
                Name::Field(Field::Id) => {
                    once(&mut fields.id, CheckedIdentifier)?;
                    if !self.passes_text(b"null") {
                        details.id = Some(Identifier::parse(self.string()?).ok()?);
                    }
                }
                Name::Field(field) => self.read_value(field, &mut fields, context)?,
                Name::Other(name) => match declared.place_of(name) {
                    Some(place) => self.declared_value(place, &mut details)?,
                    None => self.skip_value()?,
                },
            }
            if self.ends(b'}')? {
                break;
            }
        }
        encountered.add_currency(&fields, context).ok()?;
        let details = details.finish(&fields);
        match fields.check() {
            Ok((transaction, None)) => Some((transaction, details)),
            _ => None,
        }
    }

    fn declared_value(&mut self, place: usize, details: &mut UnfinishedDetails<'_>) -> Option<()> {
        let (_, kind) = details.fields.get(place)?;
        let value = if kind == FieldKind::Category && self.rest().first() == Some(&b'"') {
            Some(DeclaredValue::Text(self.string()?.into()))
        } else {
            self.value_seed(DeclaredValueSeed(kind))?
        };
        if details.was_read(place) {
            return None;
        }
        details.values.set(place, value);
        Some(())
    }
}
