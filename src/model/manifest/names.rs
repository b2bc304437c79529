//! Names and versions of models, as manifests and folders have them.

/// The number of a version, if it is written as numbers are: no sign, no leading zero.
pub(crate) fn parse_version(text: &str) -> Option<u32> {
    text.parse()
        .ok()
        .filter(|number: &u32| number.to_string() == text)
}

/// Whether this can be the name of a model: 1 to 64 of a-z, 0-9 and hyphens.
#[must_use]
pub fn is_model_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=64).contains(&name.len()) && name.chars().all(allowed)
}
