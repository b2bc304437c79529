//! Admissions: what keeps an explanation that was under way while its customer was erased out of the chain.

/// When a request was admitted, among the erasures of customers.
///
/// The default is before all of them. It counts those erasures, not the chain's entries: a customer of whom nothing is
/// recorded yet can be erased too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Admission {
    /// The number of the last erasure of a customer before; 0 when there is none.
    pub(super) erasure: i64,
}
