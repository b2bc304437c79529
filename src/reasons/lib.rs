//! Reasons: numbered catalogues, one for each language of a bundle, and the sentences that they make of causes.
//!
//! A code stands for the same class in all of a model's version: `R001`, `R002` and so on in the order of the network's
//! classes, `R000` for all spending of a period. Nothing here runs a network or explains it: a [`Catalogue`] turns a
//! [`Cause`] into a [`Reason`].

mod catalogue;
mod catalogues;
mod codes;
mod document;
mod english;
mod error;
mod language;
mod numerals;
mod reason;
mod sentences;
mod targets;
mod template;
#[cfg(test)]
mod tests;

pub use catalogue::Catalogue;
pub use catalogues::Catalogues;
pub use document::Code;
pub use english::english;
pub use error::{CatalogueError, TextError};
pub use language::Language;
pub use reason::{Cause, Effect, Reason, Sign};
