//! The JSON document of a history, read in one pass: each transaction goes to the ledger as it is met.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess,
    Visitor,
};

use super::error::TooManyTransactions;
use super::ledger::Ledger;
use super::transaction::{TransactionSeed, UnknownClass, once};
use super::{Encoder, Identifier, Moment};

/// How many members that nobody asked for are named in the warnings.
const MAX_WARNINGS: usize = 10;

/// What the document says beside its transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) as_of: Option<Moment>,
    pub(super) unknown_class: UnknownClass,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            as_of: None,
            unknown_class: UnknownClass::Refuse,
        }
    }
}

/// What one pass over a document leaves.
pub(super) struct Draft<E> {
    pub(super) customer_id: Option<Identifier>,
    pub(super) settings: Settings,
    /// The moment that the ledger was cut at: the document may give its `as_of` after its transactions.
    pub(super) ledger_as_of: Option<Moment>,
    pub(super) ledger: Ledger,
    pub(super) met_unknown_class: bool,
    pub(super) extension: Option<E>,
    pub(super) warnings: Vec<String>,
}

/// Reads the document; `E` is what the caller expects under `extension`, beside the history.
pub(super) struct DocumentSeed<'a, E> {
    pub(super) encoder: &'a Encoder,
    /// What to go by until the document says otherwise.
    pub(super) assumed: Settings,
    /// Refuse an unknown class where it stands; a first pass counts, since the document may allow it further down.
    pub(super) strict: bool,
    /// The member that holds `E`, if the caller wants one.
    pub(super) extension: Option<&'static str>,
    pub(super) of_type: PhantomData<E>,
}

#[derive(Deserialize)]
#[serde(try_from = "String")]
pub(super) enum UnknownClassOption {
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

impl<'de, E: DeserializeOwned> DeserializeSeed<'de> for DocumentSeed<'_, E> {
    type Value = Draft<E>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Draft<E>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, E: DeserializeOwned> Visitor<'de> for DocumentSeed<'_, E> {
    type Value = Draft<E>;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a history object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Draft<E>, A::Error> {
        let mut members = Members::<E>::default();
        while let Some(member) = map.next_key::<String>()? {
            match member.as_str() {
                "customer_id" => once(&mut members.customer_id, map.next_value()?, "customer_id")?,
                "as_of" => once(&mut members.as_of, map.next_value()?, "as_of")?,
                "unknown_class" => once(
                    &mut members.unknown_class,
                    map.next_value()?,
                    "unknown_class",
                )?,
                "transactions" => {
                    let cut = members.as_of.flatten().or(self.assumed.as_of);
                    let mut ledger = self.encoder.ledger(cut);
                    map.next_value_seed(Transactions {
                        encoder: self.encoder,
                        ledger: &mut ledger,
                        unknown_class: if self.strict {
                            self.assumed.unknown_class
                        } else {
                            UnknownClass::Count
                        },
                        met_unknown_class: &mut members.met_unknown_class,
                    })?;
                    once(&mut members.transactions, (ledger, cut), "transactions")?;
                }
                name if Some(name) == self.extension => {
                    once(
                        &mut members.extension,
                        map.next_value()?,
                        self.extension.unwrap_or_default(),
                    )?;
                }
                name => {
                    map.next_value::<IgnoredAny>()?;
                    members.ignore(name);
                }
            }
        }
        let settled = members.settle(self.assumed);
        settled.ok_or_else(|| de::Error::missing_field("transactions"))
    }
}

/// The members of a document, as they are met: the outer `Option` says whether they were.
#[expect(
    clippy::option_option,
    reason = "a second value is refused, also after null"
)]
pub(super) struct Members<E> {
    pub(super) customer_id: Option<Option<Identifier>>,
    pub(super) as_of: Option<Option<Moment>>,
    pub(super) unknown_class: Option<Option<UnknownClassOption>>,
    /// The ledger, and the moment that it was cut at.
    pub(super) transactions: Option<(Ledger, Option<Moment>)>,
    pub(super) extension: Option<Extension<E>>,
    met_unknown_class: bool,
    warnings: Vec<String>,
    ignored: usize,
}

impl<E> Default for Members<E> {
    fn default() -> Self {
        Self {
            customer_id: None,
            as_of: None,
            unknown_class: None,
            transactions: None,
            extension: None,
            met_unknown_class: false,
            warnings: Vec::new(),
            ignored: 0,
        }
    }
}

impl<E> Members<E> {
    /// Remembers a member that nobody asked for.
    pub(super) fn ignore(&mut self, name: &str) {
        self.ignored += 1;
        if self.ignored <= MAX_WARNINGS {
            let name: String = name.chars().take(64).collect();
            self.warnings.push(format!(
                "the member `{name}` is not known here and was ignored"
            ));
        }
    }

    /// What all of them say together; nothing without transactions.
    pub(super) fn settle(mut self, assumed: Settings) -> Option<Draft<E>> {
        if self.ignored > MAX_WARNINGS {
            let more = self.ignored - MAX_WARNINGS;
            self.warnings
                .push(format!("{more} more members were ignored"));
        }
        let (ledger, ledger_as_of) = self.transactions?;
        Some(Draft {
            customer_id: self.customer_id.flatten(),
            settings: Settings {
                as_of: self.as_of.flatten().or(assumed.as_of),
                unknown_class: match self.unknown_class.flatten() {
                    Some(UnknownClassOption::Skip) => UnknownClass::Count,
                    Some(UnknownClassOption::Error) => UnknownClass::Refuse,
                    None => assumed.unknown_class,
                },
            },
            ledger_as_of,
            ledger,
            met_unknown_class: self.met_unknown_class,
            extension: self.extension.and_then(|Extension(extension)| extension),
            warnings: self.warnings,
        })
    }
}

/// An object or `null`: what is derived for a struct would take an array as well.
pub(super) struct Extension<E>(Option<E>);

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

            fn visit_unit<F: de::Error>(self) -> Result<Extension<E>, F> {
                Ok(Extension(None))
            }
        }
        deserializer.deserialize_any(Object(PhantomData))
    }
}

/// The array of transactions.
struct Transactions<'a> {
    encoder: &'a Encoder,
    ledger: &'a mut Ledger,
    unknown_class: UnknownClass,
    met_unknown_class: &'a mut bool,
}

impl<'de> DeserializeSeed<'de> for Transactions<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Transactions<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("an array of transactions")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let limit = self.encoder.limits().transactions;
        let mut count = 0_usize;
        loop {
            let seed = TransactionSeed {
                taxonomy: self.encoder.taxonomy(),
                unknown_class: self.unknown_class,
                met_unknown_class: self.met_unknown_class,
            };
            let Some(transaction) = items.next_element_seed(seed)? else {
                return Ok(());
            };
            self.ledger.add(transaction);
            count += 1;
            if count > limit {
                return Err(de::Error::custom(TooManyTransactions(limit)));
            }
        }
    }
}
