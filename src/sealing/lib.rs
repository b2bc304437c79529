//! State tokens: the state of a customer's history, encrypted and authenticated, so that its caller can keep it and nothing
//! is kept here.
//!
//! A token is Base64 (URL-safe, without padding) of
//!
//! ```text
//! version      1 byte, 1
//! key          4 bytes: the first ones of the SHA-256 of the secret
//! salt         32 random bytes
//! ciphertext   AES-256-GCM under HKDF-SHA256(secret, salt), authenticated with all that stands before it
//! ```
//!
//! The plaintext is Zstandard of the owner and the [`Continuation`](microseg_encoding::Continuation). Each token has a key of
//! its own, so that the nonce may always be zero (RFC 5116, section 3.1, asks for a nonce that is unique for its key).

mod keys;
mod owner;
mod sealed;

pub use keys::{StateKeyError, StateKeys, StateKeysError};
pub use owner::Owner;
pub use sealed::{LONGEST_TOKEN, OpenError, SealError};
