//! JSON document of a history, read in one pass: each transaction goes to the sink as soon as it is read.

mod members;
pub(crate) mod transaction;

use std::fmt;
use std::marker::PhantomData;

use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess,
    Visitor,
};

use crate::currency::MixedCurrencies;
use crate::declared::DeclaredFields;
use crate::encountered::Encountered;
use crate::error::TooManyTransactions;
use crate::fields::ReadContext;
use crate::limits::Limits;
use crate::settings::{HistorySettings, TimeSettings};
use crate::sink::TransactionSink;
use crate::taxonomy::Taxonomy;
use crate::time_zone::TimeZone;
use crate::unknown_class::UnknownClass;

pub use members::ParsedDocument;
pub(crate) use members::{DocumentMembers, ReadTransactions};
pub(crate) use transaction::{DetailedTransactionSeed, TransactionSeed};

/// A request to read a document.
pub struct DocumentRequest<'a, S> {
    /// The classes of the model.
    pub taxonomy: &'a Taxonomy,
    /// How much the history may hold.
    pub limits: Limits,
    /// The member that holds the extension, if the caller wants one.
    pub extension: Option<&'static str>,
    /// The declared fields, where the receiver takes transactions with their details.
    pub details: Option<&'a DeclaredFields>,
    /// Makes the receiver of the transactions.
    pub new_sink: &'a dyn Fn(&TimeSettings) -> S,
}

/// Deserialises a document; `E` is the type of the extension.
pub struct DocumentSeed<'a, S, E> {
    pub(crate) request: &'a DocumentRequest<'a, S>,
    /// The settings where the document has none, or has them after its transactions.
    pub(crate) assumed: &'a HistorySettings,
    /// Refuse an unknown class or a second currency where it stands. A first pass counts, since the document may allow it
    /// further down.
    strict: bool,
    extension: PhantomData<fn() -> E>,
}

impl<S, E> Clone for DocumentSeed<'_, S, E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S, E> Copy for DocumentSeed<'_, S, E> {}

impl<'a, S, E> DocumentSeed<'a, S, E> {
    pub(crate) fn new(
        request: &'a DocumentRequest<'a, S>,
        assumed: &'a HistorySettings,
        strict: bool,
    ) -> Self {
        Self {
            request,
            assumed,
            strict,
            extension: PhantomData,
        }
    }

    /// Whether it refuses an unknown class or a second currency where it stands.
    #[must_use]
    pub fn is_strict(&self) -> bool {
        self.strict
    }

    /// The context of the transactions' values, in the zone that is known so far.
    pub(crate) fn context<'b>(&self, zone: &'b TimeZone) -> ReadContext<'b>
    where
        'a: 'b,
    {
        let (unknown_class, mixed_currencies) = if self.strict {
            (self.assumed.unknown_class, self.assumed.mixed_currencies)
        } else {
            (UnknownClass::Count, MixedCurrencies::Add)
        };
        ReadContext {
            taxonomy: self.request.taxonomy,
            zone,
            unknown_class,
            mixed_currencies,
        }
    }
}

impl<'de, S: TransactionSink, E: DeserializeOwned> DeserializeSeed<'de> for DocumentSeed<'_, S, E> {
    type Value = ParsedDocument<S, E>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, S: TransactionSink, E: DeserializeOwned> Visitor<'de> for DocumentSeed<'_, S, E> {
    type Value = ParsedDocument<S, E>;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a history object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = DocumentMembers::<S, E>::default();
        while let Some(member) = map.next_key::<String>()? {
            match member.as_str() {
                "customer_id" => once(&mut members.customer_id, map.next_value()?, "customer_id")?,
                "as_of" => once(&mut members.as_of, map.next_value()?, "as_of")?,
                "unknown_class" => once(
                    &mut members.unknown_class,
                    map.next_value()?,
                    "unknown_class",
                )?,
                "mixed_currencies" => once(
                    &mut members.mixed_currencies,
                    map.next_value()?,
                    "mixed_currencies",
                )?,
                "time_zone" => once(&mut members.time_zone, map.next_value()?, "time_zone")?,
                "currency" => once(&mut members.currency, map.next_value()?, "currency")?,
                "state_token" => once(&mut members.state_token, map.next_value()?, "state_token")?,
                "transactions" => {
                    let settings = members.settings(self.assumed);
                    let mut sink = (self.request.new_sink)(&settings.times);
                    let mut encountered = Encountered::of_history(settings.currency);
                    map.next_value_seed(Transactions {
                        context: self.context(&settings.times.zone),
                        details: self.request.details,
                        limit: self.request.limits.transactions,
                        sink: &mut sink,
                        encountered: &mut encountered,
                    })?;
                    let transactions = ReadTransactions {
                        sink,
                        times: settings.times,
                        encountered,
                    };
                    once(&mut members.transactions, transactions, "transactions")?;
                }
                name if Some(name) == self.request.extension => {
                    once(
                        &mut members.extension,
                        map.next_value()?,
                        self.request.extension.unwrap_or_default(),
                    )?;
                }
                name => {
                    map.next_value::<IgnoredAny>()?;
                    members.ignore(name);
                }
            }
        }
        let document = members.finish(self.assumed);
        document.ok_or_else(|| de::Error::missing_field("transactions"))
    }
}

/// Keeps the first value of a member and refuses a second one.
fn once<T, E: de::Error>(slot: &mut Option<T>, value: T, member: &'static str) -> Result<(), E> {
    if slot.replace(value).is_some() {
        return Err(E::duplicate_field(member));
    }
    Ok(())
}

/// Deserialises the array of transactions.
struct Transactions<'a, S> {
    context: ReadContext<'a>,
    details: Option<&'a DeclaredFields>,
    /// How many there may be.
    limit: usize,
    sink: &'a mut S,
    encountered: &'a mut Encountered,
}

impl<'de, S: TransactionSink> DeserializeSeed<'de> for Transactions<'_, S> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, S: TransactionSink> Visitor<'de> for Transactions<'_, S> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("an array of transactions")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let mut count = 0_usize;
        loop {
            let seed = TransactionSeed {
                context: self.context,
                encountered: self.encountered,
            };
            if let Some(declared) = self.details {
                let seed = DetailedTransactionSeed {
                    transaction: seed,
                    declared,
                };
                let Some((transaction, details)) = items.next_element_seed(seed)? else {
                    return Ok(());
                };
                self.sink.add_with_details(transaction, details);
            } else {
                let Some(transaction) = items.next_element_seed(seed)? else {
                    return Ok(());
                };
                self.sink.add(transaction);
            }
            count += 1;
            if count > self.limit {
                return Err(de::Error::custom(TooManyTransactions(self.limit)));
            }
        }
    }
}
