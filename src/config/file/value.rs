//! Conversion between values of the file and the texts after a flag.

use toml::de::DeValue;

/// The text that is printed instead of a secret.
pub(super) const HIDDEN: &str = "(hidden)";

/// The texts of a value: one, or those of an array where the setting takes several values.
///
/// # Errors
/// The expected types, and the type of the value.
pub(super) fn texts(value: &DeValue, is_list: bool) -> Result<Vec<String>, String> {
    match value {
        DeValue::Array(items) if is_list => items.iter().map(|item| text(item.get_ref())).collect(),
        value => text(value).map(|text| vec![text]),
    }
}

fn text(value: &DeValue) -> Result<String, String> {
    let found = match value {
        DeValue::String(text) => return Ok(text.to_string()),
        DeValue::Boolean(truth) => return Ok(truth.to_string()),
        DeValue::Float(number) => return Ok(number.as_str().to_owned()),
        // TOML allows other bases than ten.
        DeValue::Integer(number) => {
            return i128::from_str_radix(number.as_str(), number.radix())
                .map(|number| number.to_string())
                .map_err(|error| error.to_string());
        }
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    };
    Err(format!(
        "expected a number, a string or a boolean, found {found}"
    ))
}

/// A text as a value of the file: bare where it reads back as the same text, else a string.
pub(super) fn to_toml(text: &str) -> String {
    let is_bare = DeValue::parse(text).is_ok_and(|value| {
        let value = value.get_ref();
        !value.is_str() && texts(value, false).is_ok_and(|texts| texts == [text])
    });
    if is_bare {
        text.to_owned()
    } else {
        toml::Value::from(text).to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(toml: &str, is_list: bool) -> Result<Vec<String>, String> {
        texts(DeValue::parse(toml).unwrap().get_ref(), is_list)
    }

    #[test]
    fn numbers_booleans_and_strings_are_read_as_text() {
        for (toml, text) in [
            ("33554432", "33554432"),
            ("33_554_432", "33554432"),
            ("0x10", "16"),
            ("+5", "5"),
            ("-5", "-5"),
            ("0.90", "0.90"),
            ("true", "true"),
            ("'C:\\x'", "C:\\x"),
            ("\"\"", ""),
        ] {
            assert_eq!(read(toml, false).unwrap(), [text], "{toml}");
        }
    }

    #[test]
    fn array_is_read_only_for_a_setting_of_several_values() {
        assert_eq!(read("['a', 2]", true).unwrap(), ["a", "2"]);
        assert_eq!(read("'a'", true).unwrap(), ["a"]);
        for (toml, found) in [
            ("['a']", "an array"),
            ("{a = 1}", "a table"),
            ("2026-01-01", "a date"),
        ] {
            assert!(read(toml, false).unwrap_err().ends_with(found), "{toml}");
        }
        assert!(read("[['a']]", true).is_err());
    }

    #[test]
    fn numbers_and_booleans_are_written_bare() {
        for text in ["60", "-1", "0.9", "true"] {
            assert_eq!(to_toml(text), text);
        }
        for text in [
            "",
            "0x10",
            "1_000",
            "text",
            "[]",
            "2026-01-01",
            "'a'",
            "1 # x",
        ] {
            assert!(to_toml(text).starts_with(['"', '\'']), "{text}");
        }
    }

    proptest! {
        #[test]
        fn written_value_reads_back(text in "\\PC*|[ -~\\n\\t\\x00-\\x1f\\x7f'\"\\\\]*|[0-9.+_eE-]*") {
            prop_assert_eq!(read(&to_toml(&text), false).unwrap(), [text]);
        }
    }
}
