//! Support of the integration tests: the program, its servers and databases, and builders of what they receive.
//!
//! A crate rather than a module of each test program: it is compiled once, and not again when the server changes. So it
//! depends on none of the server's crates and finds the program by the variable that cargo sets for tests.

#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a test that cannot continue has failed"
)]
#![allow(
    clippy::must_use_candidate,
    reason = "an unused result is a mistake in one test, not in an interface"
)]

pub mod browser;
pub mod bulk_command;
pub mod bundle_copy;
pub mod certificates;
pub mod client;
pub mod cluster;
pub mod command;
pub mod custom_model;
pub mod described_model;
pub mod described_networks;
pub mod explanations;
pub mod faults;
pub mod faulty_network;
pub mod histories;
pub mod jobs;
pub mod keys;
pub mod log;
pub mod memory;
pub mod model_tables;
pub mod ndjson;
pub mod pooler;
pub mod raw_http;
pub mod server;
pub mod shapley;
pub mod shared_server;
pub mod sql;
pub mod store;
pub mod tables;
pub mod wait;
pub mod zip_archive;
