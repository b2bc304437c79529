//! Members of a history's document beside the transactions, and the result of reading them.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, DeserializeOwned, Deserializer, MapAccess, Visitor};

use crate::identifier::Identifier;
use crate::moment::Moment;
use crate::unknown_class::UnknownClass;

/// How many unknown members are named in the warnings.
const MAX_WARNINGS: usize = 10;

/// The members of a document that decide how its transactions are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentSettings {
    /// Where the window ends, exclusive.
    pub as_of: Option<Moment>,
    /// What to do with a class that the taxonomy does not have.
    pub unknown_class: UnknownClass,
}

impl Default for DocumentSettings {
    fn default() -> Self {
        Self {
            as_of: None,
            unknown_class: UnknownClass::Refuse,
        }
    }
}

/// The result of one pass over a document.
#[derive(Debug)]
pub struct ParsedDocument<S, E> {
    /// The caller's name for the customer, if one was given.
    pub customer_id: Option<Identifier>,
    /// The settings of the document, and those that were assumed where it has none.
    pub settings: DocumentSettings,
    /// The receiver of the transactions.
    pub sink: S,
    /// The `as_of` that the receiver was made with: the document may give its own after its transactions.
    pub sink_as_of: Option<Moment>,
    /// Whether a transaction was counted that `UnknownClass::Refuse` would have refused.
    pub met_unknown_class: bool,
    /// The member that the caller asked for beside the history; `None` where it is absent or `null`.
    pub extension: Option<E>,
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
    pub(crate) as_of: Option<Option<Moment>>,
    pub(crate) unknown_class: Option<Option<UnknownClassOption>>,
    /// The receiver of the transactions, and the `as_of` that it was made with.
    pub(crate) transactions: Option<(S, Option<Moment>)>,
    pub(crate) extension: Option<Extension<E>>,
    pub(crate) met_unknown_class: bool,
    warnings: Vec<String>,
    ignored: usize,
}

impl<S, E> Default for DocumentMembers<S, E> {
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

impl<S, E> DocumentMembers<S, E> {
    /// Counts a member that is not known.
    pub(super) fn ignore(&mut self, name: &str) {
        self.ignored += 1;
        if self.ignored <= MAX_WARNINGS {
            let name: String = name.chars().take(64).collect();
            self.warnings.push(format!(
                "the member `{name}` is not known here and was ignored"
            ));
        }
    }

    /// The document with these members; `None` without transactions.
    pub(crate) fn finish(mut self, assumed: DocumentSettings) -> Option<ParsedDocument<S, E>> {
        if self.ignored > MAX_WARNINGS {
            let more = self.ignored - MAX_WARNINGS;
            self.warnings
                .push(format!("{more} more members were ignored"));
        }
        let (sink, sink_as_of) = self.transactions?;
        Some(ParsedDocument {
            customer_id: self.customer_id.flatten(),
            settings: DocumentSettings {
                as_of: self.as_of.flatten().or(assumed.as_of),
                unknown_class: match self.unknown_class.flatten() {
                    Some(UnknownClassOption::Skip) => UnknownClass::Count,
                    Some(UnknownClassOption::Error) => UnknownClass::Refuse,
                    None => assumed.unknown_class,
                },
            },
            sink,
            sink_as_of,
            met_unknown_class: self.met_unknown_class,
            extension: self.extension.and_then(|Extension(extension)| extension),
            warnings: self.warnings,
        })
    }
}

/// The value of `unknown_class`.
#[derive(Deserialize)]
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

/// An object or `null`: a derived struct would accept an array as well.
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

            fn visit_unit<F: de::Error>(self) -> Result<Extension<E>, F> {
                Ok(Extension(None))
            }
        }
        deserializer.deserialize_any(Object(PhantomData))
    }
}
