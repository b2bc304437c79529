//! Name and version of libtorch.

/// The name in records and in errors.
pub(super) const NAME: &str = "libtorch";

/// The libtorch that `tch` is built for.
pub const LIBTORCH_VERSION: &str = "2.13.0";
