//! microseg: micro-segment features of customers' spending from an LSTM, and explanations that carry their proof.
//!
//! The rooms, from the ground up; no import runs back up:
//!
//! - [`history`]: documents and tables become checked transactions.
//! - [`encoding`]: transactions become totals, totals become profiles.
//! - [`simulation`]: a population of customers, to train and to try things on.
//! - [`timing`]: what an answer took.
//! - [`space`]: the papers' tables: micro-segments, attractors, the global surrogate.
//! - [`reasons`]: a numbered catalogue, and sentences that say what drove a number.
//! - [`runtime`]: runtimes that execute networks; libtorch is one of them.
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

pub use microseg_access as access;
pub use microseg_build as build;
pub use microseg_bulk as bulk;
pub use microseg_config as config;
pub use microseg_encoding as encoding;
pub use microseg_explain as explain;
pub use microseg_history as history;
pub use microseg_http as http;
pub use microseg_model as model;
pub use microseg_problem as problem;
pub use microseg_reasons as reasons;
pub use microseg_runtime as runtime;
pub use microseg_scoring as scoring;
pub use microseg_simulation as simulation;
pub use microseg_space as space;
pub use microseg_store as store;
pub use microseg_telemetry as telemetry;
pub use microseg_timing as timing;
pub use microseg_tls as tls;
