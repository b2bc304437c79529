//! The store of records, on real databases of SQLite and PostgreSQL.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod admission;
mod chain;
#[path = "../postgres/cluster.rs"]
mod cluster;
mod command;
mod documentation;
mod erasing;
mod failing;
mod forging;
mod jobs;
mod opening;
mod postgres;
mod records;
mod survival;
mod tampering;
