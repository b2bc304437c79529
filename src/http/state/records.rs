//! Records of explanations, and what is kept with them.

use microseg_config::KeepInput;
use microseg_store::Store;

/// The store of the records; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Records {
    pub(crate) store: Store,
    /// What is kept of the input of an explanation.
    pub(crate) keep_input: KeepInput,
}
