//! Tests of the store on real databases of SQLite and PostgreSQL.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod audit_command;
mod chain;
mod customers;
mod disk_faults;
mod documentation;
mod durability;
mod erased_meanwhile;
mod erasures;
mod failures;
mod folds;
mod forgery;
mod idempotency;
mod jobs;
mod opening;
mod poolers;
mod postgres;
mod reading;
mod simulation;
mod support;
mod tampering;

use test_support::cluster;
