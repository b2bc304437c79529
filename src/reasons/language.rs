//! Language tags, and the file names of catalogues.

use std::fmt;

/// The end of a catalogue's file name.
const EXTENSION: &str = ".json";

/// A language such as `en`, `de` or `de-at`: a BCP 47 tag in lower case, not checked against the registry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Language(String);

impl Language {
    /// The folder of the catalogues in a bundle.
    pub const FOLDER: &'static str = "reasons";

    /// The language that every bundle has.
    #[must_use]
    pub fn english() -> Self {
        Self("en".to_owned())
    }

    /// The language of this tag: 2 to 8 of a-z, then any number of parts of 1 to 8 of a-z and 0-9, each behind a hyphen.
    #[must_use]
    pub fn parse(tag: &str) -> Option<Self> {
        // The length that BCP 47 asks programs to accept.
        if tag.len() > 35 {
            return None;
        }
        let mut parts = tag.split('-');
        let primary = parts.next().unwrap_or_default();
        let is_primary = (2..=8).contains(&primary.len())
            && primary.bytes().all(|byte| byte.is_ascii_lowercase());
        let is_part = |part: &str| {
            let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
            (1..=8).contains(&part.len()) && part.bytes().all(allowed)
        };
        (is_primary && parts.all(is_part)).then(|| Self(tag.to_owned()))
    }

    /// The language of a file of a bundle, if it is a catalogue's: `reasons/de.json`.
    #[must_use]
    pub fn of_file(file: &str) -> Option<Self> {
        let name = file.strip_prefix(Self::FOLDER)?.strip_prefix('/')?;
        Self::parse(name.strip_suffix(EXTENSION)?)
    }

    /// The catalogue's file in a bundle: `reasons/de.json`.
    #[must_use]
    pub fn file(&self) -> String {
        format!("{}/{self}{EXTENSION}", Self::FOLDER)
    }

    /// The tag.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Language {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_and_its_file_name_convert_into_each_other() {
        for tag in ["en", "de", "de-at", "zh-hant-tw", "sl-rozaj-1994"] {
            let language = Language::parse(tag).unwrap();
            assert_eq!(language.file(), format!("reasons/{tag}.json"));
            assert_eq!(Language::of_file(&language.file()), Some(language));
        }
        for tag in [
            "", "e", "De", "de_at", "de-", "-de", "de--at", "1a", "dé", "../en",
        ] {
            assert_eq!(Language::parse(tag), None, "{tag}");
        }
        for file in [
            "en.json",
            "reasons/en",
            "reasons/a/en.json",
            "reasonsen.json",
            "reasons/.json",
        ] {
            assert_eq!(Language::of_file(file), None, "{file}");
        }
    }
}
