//! Texts that programs write where there is no value.

/// The texts; capitals or not.
const MISSING: [&str; 9] = [
    "nan", "null", "n/a", "na", "none", "\\n", "<na>", "#n/a", "nil",
];

/// Whether a text says that there is no value: it is empty, or as exports write `NULL`.
#[must_use]
pub fn is_missing(text: &str) -> bool {
    text.is_empty()
        || MISSING
            .iter()
            .any(|missing| missing.eq_ignore_ascii_case(text))
}
