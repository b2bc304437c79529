//! Error texts for names that an enum does not have.

/// `expected a, b or c`, for the names of all variants.
pub(crate) fn expected_one_of(names: &[&str]) -> String {
    match names {
        [] => "expected nothing".to_owned(),
        [only] => format!("expected {only}"),
        [others @ .., last] => format!("expected {} or {last}", others.join(", ")),
    }
}
