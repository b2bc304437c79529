//! Who may do what: API keys, of which only digests are kept, and their scopes.

mod entry;
mod key;
mod keys;
mod scope;

pub use entry::{EntryFault, KeyName};
pub use key::NewKey;
pub use keys::{ApiKeys, Key, KeysError};
pub use scope::{Scope, Scopes, ScopesError};
