//! Members of an object whose names are free: a name that comes twice is refused.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};

/// Reads an object; the last of two members of one name would else win in silence.
pub(super) fn unique_members<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, T>, D::Error> {
    struct Members<T>(PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
        type Value = BTreeMap<String, T>;

        fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
            formatter.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut members = BTreeMap::new();
            while let Some((name, value)) = map.next_entry::<String, T>()? {
                if members.contains_key(&name) {
                    return Err(de::Error::custom(format_args!(
                        "the member `{name}` comes twice"
                    )));
                }
                members.insert(name, value);
            }
            Ok(members)
        }
    }
    deserializer.deserialize_map(Members(PhantomData))
}
