//! Versions of the form of manifests.

/// The form of manifests whose networks are LSTMs that read shares of periods.
pub(super) const SHARES_VERSION: u32 = 2;

/// The form of manifests that declare what their network reads and carries.
pub(super) const DECLARED_VERSION: u32 = 3;

/// All forms that this program reads, oldest first.
pub(super) const VERSIONS: [u32; 2] = [SHARES_VERSION, DECLARED_VERSION];
