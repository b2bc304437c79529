//! Members of a history's document beside the transactions, and the result of reading them.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, DeserializeOwned, Deserializer, IntoDeserializer as _, MapAccess, Visitor};

use crate::currency::{MixedCurrencies, WrittenCurrency};
use crate::encountered::Encountered;
use crate::identifier::Identifier;
use crate::settings::{HistorySettings, TimeSettings};
use crate::time_zone::TimeZone;
use crate::unknown_class::UnknownClass;
use crate::written_time::WrittenTime;

/// How many unknown members are named in the warnings.
const MAX_WARNINGS: usize = 10;

/// The result of one pass over a document.
#[derive(Debug)]
pub struct ParsedDocument<S, E> {
    /// The caller's name for the customer, if one was given.
    pub customer_id: Option<Identifier>,
    /// The settings of the document, and those that were assumed where it has none.
    pub settings: HistorySettings,
    /// The receiver of the transactions.
    pub sink: S,
    /// The settings that the receiver was made with: the document may give its own after its transactions.
    pub sink_times: TimeSettings,
    /// What its transactions have had.
    pub encountered: Encountered,
    /// The member that the caller asked for beside the history; `None` where it is absent or `null`.
    pub extension: Option<E>,
    /// The token of a state that the history continues.
    pub state_token: Option<Box<str>>,
    /// Sentences about members that were ignored.
    pub warnings: Vec<String>,
}

/// The members of a document that have been read so far: the outer `Option` is whether there was one.
#[expect(
    clippy::option_option,
    reason = "a second value is refused, also after null"
)]
pub(crate) struct DocumentMembers<S, E> {
    pub(crate) customer_id: Option<Option<Identifier>>,
    pub(crate) as_of: Option<Option<WrittenTime>>,
    pub(crate) unknown_class: Option<Option<UnknownClassOption>>,
    pub(crate) mixed_currencies: Option<Option<MixedCurrenciesOption>>,
    pub(crate) time_zone: Option<Option<TimeZone>>,
    pub(crate) currency: Option<WrittenCurrency>,
    pub(crate) transactions: Option<ReadTransactions<S>>,
    pub(crate) extension: Option<Extension<E>>,
    pub(crate) state_token: Option<Option<Box<str>>>,
    warnings: Vec<String>,
    ignored: usize,
}

impl<S, E> Default for DocumentMembers<S, E> {
    fn default() -> Self {
        Self {
            customer_id: None,
            as_of: None,
            unknown_class: None,
            mixed_currencies: None,
            time_zone: None,
            currency: None,
            transactions: None,
            extension: None,
            state_token: None,
            warnings: Vec::new(),
            ignored: 0,
        }
    }
}

impl<S, E> DocumentMembers<S, E> {
    /// Counts a member that is not known.
    pub(super) fn ignore(&mut self, name: &str) {
        self.ignored += 1;
        if self.ignored <= MAX_WARNINGS {
            // The warning may be shown in a terminal.
            let shown = |character: char| {
                if character.is_control() {
                    '\u{fffd}'
                } else {
                    character
                }
            };
            let name: String = name.chars().take(64).map(shown).collect();
            self.warnings.push(format!(
                "the member `{name}` is not known here and was ignored"
            ));
        }
    }

    /// The settings in the members so far, and those that are assumed where there are none.
    pub(crate) fn settings(&self, assumed: &HistorySettings) -> HistorySettings {
        let zone = self.time_zone.clone().flatten();
        let zone = zone.unwrap_or_else(|| assumed.times.zone.clone());
        let as_of = self.as_of.flatten().map(|as_of| as_of.in_zone(&zone));
        HistorySettings {
            times: TimeSettings {
                as_of: as_of.or(assumed.times.as_of),
                zone,
            },
            unknown_class: match self.unknown_class.flatten() {
                Some(UnknownClassOption::Skip) => UnknownClass::Count,
                Some(UnknownClassOption::Error) => UnknownClass::Refuse,
                None => assumed.unknown_class,
            },
            mixed_currencies: match self.mixed_currencies.flatten() {
                Some(MixedCurrenciesOption::Add) => MixedCurrencies::Add,
                Some(MixedCurrenciesOption::Error) => MixedCurrencies::Refuse,
                None => assumed.mixed_currencies,
            },
            currency: self
                .currency
                .and_then(|written| written.0)
                .or(assumed.currency),
        }
    }

    /// The document with these members; `None` without transactions.
    pub(crate) fn finish(mut self, assumed: &HistorySettings) -> Option<ParsedDocument<S, E>> {
        if self.ignored > MAX_WARNINGS {
            let more = self.ignored - MAX_WARNINGS;
            self.warnings
                .push(format!("{more} more members were ignored"));
        }
        let settings = self.settings(assumed);
        let mut transactions = self.transactions?;
        let currencies = &mut transactions.encountered.currencies;
        // Where it comes after the transactions, a second pass refuses the first of them that has another.
        currencies
            .add(settings.currency, MixedCurrencies::Add)
            .ok()?;
        Some(ParsedDocument {
            customer_id: self.customer_id.flatten(),
            settings,
            sink: transactions.sink,
            sink_times: transactions.times,
            encountered: transactions.encountered,
            extension: self.extension.and_then(|Extension(extension)| extension),
            state_token: self.state_token.flatten(),
            warnings: self.warnings,
        })
    }
}

/// The transactions of a document.
pub(crate) struct ReadTransactions<S> {
    /// Their receiver.
    pub(crate) sink: S,
    /// The settings that it was made with.
    pub(crate) times: TimeSettings,
    /// What they have had.
    pub(crate) encountered: Encountered,
}

/// The value of `unknown_class`.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub(crate) enum UnknownClassOption {
    Error,
    Skip,
}

impl TryFrom<String> for UnknownClassOption {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, &'static str> {
        match name.as_str() {
            "error" => Ok(Self::Error),
            "skip" => Ok(Self::Skip),
            _ => Err("expected error or skip"),
        }
    }
}

/// The value of `mixed_currencies`.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub(crate) enum MixedCurrenciesOption {
    Error,
    Add,
}

impl TryFrom<String> for MixedCurrenciesOption {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, &'static str> {
        match name.as_str() {
            "error" => Ok(Self::Error),
            "add" => Ok(Self::Add),
            _ => Err("expected error or add"),
        }
    }
}

/// An object, a number where `E` is one, or `null`: a derived struct would accept an array as well.
pub(crate) struct Extension<E>(Option<E>);

impl<'de, E: DeserializeOwned> Deserialize<'de> for Extension<E> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object<E>(PhantomData<E>);
        impl<'de, E: DeserializeOwned> Visitor<'de> for Object<E> {
            type Value = Extension<E>;

            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Extension<E>, A::Error> {
                E::deserialize(MapAccessDeserializer::new(map))
                    .map(|extension| Extension(Some(extension)))
            }

            fn visit_u64<F: de::Error>(self, number: u64) -> Result<Extension<E>, F> {
                Lone(number.into_deserializer()).read()
            }

            fn visit_i64<F: de::Error>(self, number: i64) -> Result<Extension<E>, F> {
                Lone(number.into_deserializer()).read()
            }

            fn visit_f64<F: de::Error>(self, number: f64) -> Result<Extension<E>, F> {
                Lone(number.into_deserializer()).read()
            }

            fn visit_unit<F: de::Error>(self) -> Result<Extension<E>, F> {
                Ok(Extension(None))
            }
        }
        deserializer.deserialize_any(Object(PhantomData))
    }
}

/// A number in place of an object: what is read as an object refuses it by that name.
struct Lone<D>(D);

impl<'de, D: Deserializer<'de>> Lone<D> {
    fn read<E: DeserializeOwned>(self) -> Result<Extension<E>, D::Error> {
        E::deserialize(self).map(|number| Extension(Some(number)))
    }
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Lone<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_any(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, D::Error> {
        Err(de::Error::invalid_type(
            de::Unexpected::Other("a number"),
            &"an object",
        ))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}
