//! Currencies of a history's transactions: amounts of several cannot be added up.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize as DeriveDeserialize, Serialize};

use super::missing::is_missing;

/// What to do with a history whose transactions have several currencies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MixedCurrencies {
    /// Refuse it, at the first transaction of another currency.
    #[default]
    Refuse,
    /// Add all amounts up as they are, with a warning.
    Add,
}

/// A transaction has another currency than one before; [`MixedCurrencies`] decides whether it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "another currency than before: the amounts of a history are in one, unless `mixed_currencies` is `add`"
)]
pub struct AnotherCurrency;

/// A name or number of a currency, in capitals. Of more than 16 bytes only the first count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, DeriveDeserialize)]
pub struct Currency([u8; Currency::BYTES]);

impl Currency {
    const BYTES: usize = 16;

    /// `None` for a text without a value, such as `NULL`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim_ascii();
        if is_missing(text) {
            return None;
        }
        let mut name = [0; Self::BYTES];
        for (place, byte) in name.iter_mut().zip(text.bytes()) {
            *place = byte.to_ascii_uppercase();
        }
        Some(Self(name))
    }
}

/// The value of a member or cell; without a value where it is missing, or is neither a text nor a whole number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct WrittenCurrency(pub(crate) Option<Currency>);

/// The currencies of one history so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, DeriveDeserialize)]
pub struct Currencies {
    first: Option<Currency>,
    are_several: bool,
}

impl Currencies {
    /// Adds the currency of a transaction, if it has one.
    ///
    /// # Errors
    /// [`AnotherCurrency`] when it is refused.
    pub fn add(
        &mut self,
        currency: Option<Currency>,
        mixed: MixedCurrencies,
    ) -> Result<(), AnotherCurrency> {
        let Some(currency) = currency else {
            return Ok(());
        };
        if *self.first.get_or_insert(currency) != currency {
            if mixed == MixedCurrencies::Refuse {
                return Err(AnotherCurrency);
            }
            self.are_several = true;
        }
        Ok(())
    }

    /// Adds the currencies of what came before.
    ///
    /// # Errors
    /// [`AnotherCurrency`] when they are refused.
    pub fn add_all(&mut self, others: Self, mixed: MixedCurrencies) -> Result<(), AnotherCurrency> {
        self.add(others.first, mixed)?;
        if others.are_several && mixed == MixedCurrencies::Refuse {
            return Err(AnotherCurrency);
        }
        self.are_several |= others.are_several;
        Ok(())
    }

    /// Whether there are several.
    #[must_use]
    pub fn are_several(self) -> bool {
        self.are_several
    }
}

impl<'de> Deserialize<'de> for WrittenCurrency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

/// Reads any value: version 0.1 did not read the member, so that none may be refused for its type.
struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = WrittenCurrency;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a currency such as EUR")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<WrittenCurrency, E> {
        Ok(WrittenCurrency(Currency::parse(text)))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<WrittenCurrency, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<WrittenCurrency, E> {
        Ok(WrittenCurrency::default())
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<WrittenCurrency, E> {
        Ok(WrittenCurrency::default())
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<WrittenCurrency, E> {
        Ok(WrittenCurrency::default())
    }

    fn visit_unit<E: de::Error>(self) -> Result<WrittenCurrency, E> {
        Ok(WrittenCurrency::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<WrittenCurrency, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(WrittenCurrency::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<WrittenCurrency, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(WrittenCurrency::default())
    }
}

impl JsonSchema for WrittenCurrency {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Currency".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        // A value of any type is accepted.
        json_schema!({"examples": ["EUR"]})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(names: &[&str], mixed: MixedCurrencies) -> Result<bool, AnotherCurrency> {
        let mut currencies = Currencies::default();
        for name in names {
            currencies.add(Currency::parse(name), mixed)?;
        }
        Ok(currencies.are_several())
    }

    #[test]
    fn second_currency_is_refused_unless_it_may_be_added() {
        let several = ["EUR", "EUR", "JPY"];
        assert_eq!(add(&several, MixedCurrencies::Refuse), Err(AnotherCurrency));
        assert_eq!(add(&several, MixedCurrencies::Add), Ok(true));
        let one = ["EUR", "", " eur ", "NULL", "nan", "Eur"];
        assert_eq!(add(&one, MixedCurrencies::Refuse), Ok(false));
    }

    #[test]
    fn member_of_any_type_is_read_and_texts_and_whole_numbers_count() {
        let read = |json| serde_json::from_str::<WrittenCurrency>(json).unwrap().0;
        assert_eq!(read(r#""eur""#), Currency::parse("EUR"));
        assert_eq!(read("978"), Currency::parse("978"));
        for other in [
            "null",
            "true",
            "-1",
            "1.5",
            r#"["EUR"]"#,
            r#"{"code": "EUR"}"#,
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
