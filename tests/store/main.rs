//! The store of records, on real databases of SQLite.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod admission;
mod chain;
mod command;
mod documentation;
mod erasing;
mod failing;
mod forging;
mod jobs;
mod opening;
mod records;
mod survival;
mod tampering;
