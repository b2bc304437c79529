//! Access control: API keys, of which only digests are kept, and their scopes.
//!
//! Imports point one way: `keys` and `new_key` → `entry` → `digest` and `scope`.

mod digest;
mod entry;
mod keys;
mod new_key;
mod scope;

pub use entry::{EntryError, KeyName};
pub use keys::{ApiKeys, Key, KeysError};
pub use new_key::NewKey;
pub use scope::{Scope, Scopes, ScopesError};
