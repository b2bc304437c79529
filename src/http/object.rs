//! A JSON object read into a struct: what is derived for a struct would take an array of its members as well.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};

/// What a JSON object says, and nothing but an object.
#[derive(Default)]
pub(super) struct Object<T>(pub(super) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = Object<T>;

            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }
        deserializer.deserialize_map(Members(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default, Deserialize)]
    struct Pair {
        #[serde(default)]
        one: u8,
        other: u8,
    }

    #[test]
    fn an_array_is_no_object() {
        let read = |text| serde_json::from_str::<Object<Pair>>(text).map(|Object(pair)| pair);
        let pair = read(r#"{"other": 2}"#).unwrap();
        assert_eq!((pair.one, pair.other), (0, 2));
        assert!(serde_json::from_str::<Pair>("[1, 2]").is_ok());
        for text in ["[1, 2]", "null", "2", "{}"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
