//! One transaction of a document, as any JSON.

use std::fmt;

use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::declared::DeclaredFields;
use crate::declared_value::DeclaredValueSeed;
use crate::details::{Details, UnfinishedDetails};
use crate::encountered::Encountered;
use crate::fields::{Field, ReadContext, TransactionFields};
use crate::identifier::{CheckedIdentifier, KeptIdentifier};
use crate::transaction::ParsedTransaction;
use crate::unknown_class::UnknownClass;

/// Reads one transaction object.
pub(crate) struct TransactionSeed<'a> {
    pub(crate) context: ReadContext<'a>,
    pub(crate) encountered: &'a mut Encountered,
}

impl<'de> DeserializeSeed<'de> for TransactionSeed<'_> {
    type Value = ParsedTransaction;

    fn deserialize<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<ParsedTransaction, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for TransactionSeed<'_> {
    type Value = ParsedTransaction;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a transaction object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ParsedTransaction, A::Error> {
        let mut fields = TransactionFields::default();
        while let Some(FieldName(name)) = map.next_key()? {
            let Some(field) = name else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            read_field(&mut map, field, &mut fields, self.context)?;
        }
        finish(fields, self.context, self.encountered)
    }
}

/// Reads one transaction object with its details.
pub(crate) struct DetailedTransactionSeed<'a> {
    pub(crate) transaction: TransactionSeed<'a>,
    pub(crate) declared: &'a DeclaredFields,
}

impl<'de> DeserializeSeed<'de> for DetailedTransactionSeed<'_> {
    type Value = (ParsedTransaction, Details);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for DetailedTransactionSeed<'_> {
    type Value = (ParsedTransaction, Details);

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        self.transaction.expecting(formatter)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let TransactionSeed {
            context,
            encountered,
        } = self.transaction;
        let mut fields = TransactionFields::default();
        let mut details = UnfinishedDetails::new(self.declared);
        while let Some(name) = map.next_key_seed(DetailedName(self.declared))? {
            match name {
                MemberName::Known(Field::Id) => {
                    let id: KeptIdentifier = map.next_value()?;
                    if fields.id.replace(CheckedIdentifier).is_some() {
                        return Err(de::Error::duplicate_field(Field::Id.name()));
                    }
                    details.id = id.0;
                }
                MemberName::Known(field) => read_field(&mut map, field, &mut fields, context)?,
                MemberName::Declared(place) => read_declared(&mut map, place, &mut details)?,
                MemberName::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        let details = details.finish(&fields);
        Ok((finish(fields, context, encountered)?, details))
    }
}

fn read_field<'de, A: MapAccess<'de>>(
    map: &mut A,
    field: Field,
    fields: &mut TransactionFields,
    context: ReadContext<'_>,
) -> Result<(), A::Error> {
    let had_value = map.next_value_seed(ValueSeed {
        field,
        fields,
        context,
    })?;
    if had_value {
        return Err(de::Error::duplicate_field(field.name()));
    }
    Ok(())
}

fn read_declared<'de, A: MapAccess<'de>>(
    map: &mut A,
    place: usize,
    details: &mut UnfinishedDetails<'_>,
) -> Result<(), A::Error> {
    let Some((_, kind)) = details.fields.get(place) else {
        return map.next_value::<IgnoredAny>().map(|_| ());
    };
    let value = map.next_value_seed(DeclaredValueSeed(kind))?;
    if details.was_read(place) {
        return Err(de::Error::custom("a declared field comes twice"));
    }
    details.values.set(place, value);
    Ok(())
}

/// The transaction with these values, counted in `encountered`.
fn finish<E: de::Error>(
    fields: TransactionFields,
    context: ReadContext<'_>,
    encountered: &mut Encountered,
) -> Result<ParsedTransaction, E> {
    encountered
        .add_currency(&fields, context)
        .map_err(de::Error::custom)?;
    let (transaction, no_such_class) = fields
        .check()
        .map_err(|missing| de::Error::missing_field(missing.name()))?;
    if let Some(no_such_class) = no_such_class {
        if context.unknown_class == UnknownClass::Refuse {
            return Err(de::Error::custom(no_such_class));
        }
        encountered.unknown_class = true;
    }
    Ok(transaction)
}

/// The name of a member; `None` for one that is no field, since exports have more columns than are read here.
struct FieldName(Option<Field>);

impl<'de> Deserialize<'de> for FieldName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;
        impl Visitor<'_> for Name {
            type Value = FieldName;

            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("the name of a member")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<FieldName, E> {
                Ok(FieldName(Field::from_name(name)))
            }
        }
        deserializer.deserialize_identifier(Name)
    }
}

/// The name of a member where fields are declared.
enum MemberName {
    Known(Field),
    /// The place of the field.
    Declared(usize),
    Other,
}

struct DetailedName<'a>(&'a DeclaredFields);

impl<'de> DeserializeSeed<'de> for DetailedName<'_> {
    type Value = MemberName;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<MemberName, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for DetailedName<'_> {
    type Value = MemberName;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("the name of a member")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<MemberName, E> {
        let declared = || self.0.place_of(name).map(MemberName::Declared);
        let known = Field::from_name(name).map(MemberName::Known);
        Ok(known.or_else(declared).unwrap_or(MemberName::Other))
    }
}

/// Reads the value of a field; gives whether the field had a value before.
pub(crate) struct ValueSeed<'a> {
    pub(crate) field: Field,
    pub(crate) fields: &'a mut TransactionFields,
    pub(crate) context: ReadContext<'a>,
}

impl<'de> DeserializeSeed<'de> for ValueSeed<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        self.fields
            .read_json(self.field, deserializer, self.context)
    }
}
