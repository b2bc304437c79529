//! JSON as it was written: members in their order, those that stand twice included.

use std::fmt::{self, Write as _};

use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A value; numbers are told apart as `serde_json` tells them apart.
#[derive(Debug, Clone)]
pub(crate) enum Json {
    Null,
    Truth(bool),
    Positive(u64),
    Negative(i64),
    Float(f64),
    Text(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// Whether `serde_json` takes the bytes for one JSON document, a byte order mark before it aside.
pub(crate) fn is_well_formed(bytes: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(without_mark(bytes)).is_ok()
}

fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes)
}

impl Json {
    /// What the bytes say, if they are JSON whose strings and numbers can be held.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(without_mark(bytes)).ok()
    }

    /// The values of a member.
    pub(crate) fn members<'j>(&'j self, name: &'j str) -> impl Iterator<Item = &'j Json> {
        let members = match self {
            Self::Object(members) => members.as_slice(),
            _ => &[],
        };
        let named = members.iter().filter(move |(member, _)| member == name);
        named.map(|(_, value)| value)
    }

    /// The elements of an array; none of anything else.
    pub(crate) fn elements(&self) -> &[Json] {
        match self {
            Self::Array(elements) => elements,
            _ => &[],
        }
    }

    /// Whether a JSON Pointer leads to a value.
    pub(crate) fn has(&self, pointer: &str) -> bool {
        let Some(rest) = pointer.strip_prefix('/') else {
            return pointer.is_empty();
        };
        let (name, rest) = rest
            .find('/')
            .map_or((rest, ""), |slash| rest.split_at(slash));
        let name = name.replace("~1", "/").replace("~0", "~");
        match self {
            Self::Array(elements) => name
                .parse::<usize>()
                .ok()
                .and_then(|index| elements.get(index))
                .is_some_and(|element| element.has(rest)),
            Self::Object(_) => self.members(&name).any(|value| value.has(rest)),
            _ => false,
        }
    }

    /// The same document backwards: members, and the elements of the arrays that are members of the document.
    pub(crate) fn reversed(&self) -> Self {
        match self {
            Self::Object(members) => {
                let members = members.iter().rev().map(|(name, value)| match value {
                    Self::Array(elements) => {
                        let elements = elements.iter().rev().cloned().collect();
                        (name.clone(), Self::Array(elements))
                    }
                    value => (name.clone(), value.clone()),
                });
                Self::Object(members.collect())
            }
            other => other.clone(),
        }
    }

    /// The same document as nobody would write it: every character escaped, floats with exponents, space everywhere.
    pub(crate) fn written_otherwise(&self) -> String {
        let mut text = String::new();
        self.write_otherwise(&mut text);
        text
    }

    fn write_otherwise(&self, text: &mut String) {
        let written = match self {
            Self::Null => write!(text, "null"),
            Self::Truth(truth) => write!(text, "{truth}"),
            Self::Positive(number) => write!(text, "{number}"),
            Self::Negative(number) => write!(text, "{number}"),
            Self::Float(number) => write!(text, "{number:e}"),
            Self::Text(string) => {
                write_escaped(string, text);
                Ok(())
            }
            Self::Array(elements) => {
                for (place, element) in elements.iter().enumerate() {
                    text.push_str(if place == 0 { "[\n" } else { " ,\t" });
                    element.write_otherwise(text);
                }
                text.push_str(if elements.is_empty() { "[ ]" } else { " ]" });
                Ok(())
            }
            Self::Object(members) => {
                for (place, (name, value)) in members.iter().enumerate() {
                    text.push_str(if place == 0 { "{\r\n" } else { " , " });
                    write_escaped(name, text);
                    text.push_str(" :\t");
                    value.write_otherwise(text);
                }
                text.push_str(if members.is_empty() { "{ }" } else { "\n}" });
                Ok(())
            }
        };
        written.unwrap_or_default();
    }
}

fn write_escaped(string: &str, text: &mut String) {
    text.push('"');
    for unit in string.encode_utf16() {
        write!(text, "\\u{unit:04x}").unwrap_or_default();
    }
    text.push('"');
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any)
    }
}

struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Json;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: de::Error>(self, truth: bool) -> Result<Json, E> {
        Ok(Json::Truth(truth))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Json, E> {
        Ok(Json::Positive(number))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Negative(number))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Json, E> {
        Ok(Json::Float(number))
    }

    fn visit_str<E: de::Error>(self, string: &str) -> Result<Json, E> {
        Ok(Json::Text(string.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = items.next_element()? {
            elements.push(element);
        }
        Ok(Json::Array(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Json::Object(members))
    }
}
