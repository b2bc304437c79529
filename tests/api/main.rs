//! Black-box tests: the real program over HTTP and on the command line, with the real network.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod audits;
mod build;
mod bundles;
mod catalogues;
#[path = "../postgres/cluster.rs"]
mod cluster;
mod command_line;
mod concurrency;
mod configuration;
mod connections;
mod crash;
mod dashboard;
mod early_answers;
mod erasures;
mod explain;
mod exposure;
mod faults;
mod global_linear;
mod histories;
mod hostile;
mod jobs;
mod keys;
mod life;
mod limits;
mod linear;
mod lines;
mod metrics;
mod models;
mod openapi;
mod priority;
mod protocols;
mod readme;
mod records;
mod registry;
mod score;
mod server;
mod sharing;
mod stored;
mod stream;
mod tables;
mod tls;
mod traces;
mod traffic;
mod verify;
mod watchers;
