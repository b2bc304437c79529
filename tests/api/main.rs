//! Black-box tests: the real program over HTTP and on the command line, with the real network.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod build;
mod bundles;
mod command_line;
mod concurrency;
mod explain;
mod global_linear;
mod histories;
mod hostile;
mod life;
mod limits;
mod models;
mod readme;
mod score;
mod server;
mod tables;
