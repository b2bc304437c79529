//! Position of a request among the erasures of customers.
//!
//! A request that was admitted before its customer was erased must not become a record after the erasure.

/// Position of a request among the erasures of customers.
///
/// The default is before all of them. Erasures are counted, not the entries of the chain: a customer without records
/// can be erased too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AdmittedAt {
    /// The number of the last erasure of a customer before the request; 0 when there is none.
    pub(crate) erasure: i64,
}
