//! Access control: API keys, of which only digests are kept, their scopes, tenants and shares.
//!
//! Imports point one way: `keys` and `new_key` → `entry` → `scope` and `tenant` → `digest`.

mod digest;
mod entry;
mod keys;
mod new_key;
mod scope;
mod share;
mod tenant;

pub use entry::{EntryError, KeyName};
pub use keys::{ApiKeys, Key, KeysError};
pub use new_key::NewKey;
pub use scope::{Scope, Scopes, ScopesError};
pub use share::Share;
pub use tenant::{Tenant, TenantError};
