//! Networks for comparison, whose states are clustered by the same rule.

use std::path::PathBuf;

use microseg_runtime::Network;

/// Another network whose states are clustered for comparison.
pub(super) struct Comparator {
    pub(super) label: String,
    pub(super) file: PathBuf,
    pub(super) network: Box<dyn Network>,
}
