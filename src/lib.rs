//! microseg: micro-segment features of customers' spending from an LSTM, and explanations that carry their proof.
//!
//! The rooms, from the ground up; no import runs back up:
//!
//! - [`history`]: transactions become totals, totals become profiles.
//! - [`simulation`]: a population of customers, to train and to try things on.
//! - [`timing`]: what an answer took.
//! - [`space`]: the papers' tables: micro-segments, attractors, the global surrogate.
//! - [`reasons`]: a numbered catalogue, and sentences that say what drove a number.
//! - [`model`]: a checked bundle, and its network on threads of its own.
//! - [`scoring`]: where a history leads in the network's state space.
//! - [`bulk`]: files and tables of histories, scored on all cores, into parts that outlive a kill.
//! - [`explain`]: linear surrogates, local and global, and how far to trust them.
//! - [`store`]: records of explanations, durable and in a chain.
//! - [`build`]: from a network and a population to a bundle.
//! - [`tls`]: the server's certificate, and the cryptography of all TLS.
//! - [`problem`]: errors as documents.
//! - [`access`]: who may do what: API keys and their scopes.
//! - [`config`]: the settings; [`telemetry`]: the log, and traces.
//! - [`http`]: the interface.

pub mod access;
pub mod build;
pub mod bulk;
pub mod config;
pub mod explain;
pub mod history;
pub mod http;
pub mod model;
pub mod problem;
pub mod reasons;
pub mod scoring;
pub mod simulation;
pub mod space;
pub mod store;
pub mod telemetry;
pub mod timing;
pub mod tls;
