//! The targets of fuzzing: each takes any bytes and says what must be true of them, whatever they are.
//!
//! `fuzz_targets` feeds them what libFuzzer makes up; `tests/fuzzing.rs` of the server feeds them the corpus.

mod customer;
mod json;
mod problem;
mod request;
mod server;

pub mod bundle;
pub mod explain;
pub mod history;
pub mod inference;
pub mod instances;
pub mod lines;
pub mod settings;
pub mod stream;
pub mod tables;
