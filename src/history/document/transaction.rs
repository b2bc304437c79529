//! One transaction of a document, as any JSON.

use std::fmt;

use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::encountered::Encountered;
use crate::fields::{Field, ReadContext, TransactionFields};
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
            let had_value = map.next_value_seed(ValueSeed {
                field,
                fields: &mut fields,
                context: self.context,
            })?;
            if had_value {
                return Err(de::Error::duplicate_field(field.name()));
            }
        }
        let encountered = self.encountered;
        encountered
            .add_currency(&fields, self.context)
            .map_err(de::Error::custom)?;
        let (transaction, no_such_class) = fields
            .check()
            .map_err(|missing| de::Error::missing_field(missing.name()))?;
        if let Some(no_such_class) = no_such_class {
            if self.context.unknown_class == UnknownClass::Refuse {
                return Err(de::Error::custom(no_such_class));
            }
            encountered.unknown_class = true;
        }
        Ok(transaction)
    }
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
