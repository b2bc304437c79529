//! Access control: API keys, of which only digests are kept, their scopes, and their shares.
//!
//! Imports point one way: `keys` and `new_key` → `entry` → `digest` and `scope`.

mod digest;
mod entry;
mod keys;
mod new_key;
mod scope;
mod share;

pub use entry::{EntryError, KeyName};
pub use keys::{ApiKeys, Key, KeysError};
pub use new_key::NewKey;
pub use scope::{Scope, Scopes, ScopesError};
pub use share::Share;
