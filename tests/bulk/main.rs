//! Bulk scoring as a shell sees it: the real program, real files, the real network.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod boundaries;
mod command;
mod faults;
mod formats;
mod parquet_types;
mod parts;
mod resuming;
mod streams;
mod tables;
