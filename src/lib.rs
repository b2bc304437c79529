//! microseg: micro-segment features of customers' spending from a recurrent network, and explanations with measured
//! fidelity.
//!
//! This crate re-exports the crates of the workspace, from those without imports to those with the most.
//! `docs/architecture.md` shows which imports which.
//!
//! - [`problem`]: problem details: errors as JSON documents (RFC 9457), the same over HTTP and on the command line.
//! - [`timing`]: timing of an answer: the duration of each stage, for its header, its log line and its body.
//! - [`access`]: access control: API keys, of which only digests are kept, their scopes, and their shares.
//! - [`tls`]: TLS of the server: its certificate, read at the start and again when it was renewed.
//! - [`history`]: reader of customers' histories: JSON documents and rows of tables become checked transactions.
//! - [`encoding`]: encoder of histories: transactions become totals by period and class, and totals become profiles.
//! - [`space`]: tables of a network's state space, derived from a population of customers: the papers' tables, as a
//!   manifest holds them.
//! - [`reasons`]: reasons: numbered catalogues, one for each language of a bundle, and the sentences that they make of
//!   causes.
//! - [`runtime`]: runtimes that execute networks: the trait `Backend`, and libtorch behind it.
//! - [`model`]: models: checked bundles, dynamic batching of their networks, and the registry of those that are served.
//! - [`scoring`]: scoring: the trajectory of a customer's history in the network's state space, period by period.
//! - [`explain`]: explanations: the network's numbers as sums over parts of the spending, and how far to trust them.
//! - [`sealing`]: state tokens: the state of a customer's history, encrypted and authenticated, for the caller to keep.
//! - [`store`]: durable records of explanations in a hash chain, the jobs that compute explanations later, and erasures
//!   of both.
//! - [`simulation`]: simulated customers: histories whose traits, habits and drift are known, to train on and to test
//!   against.
//! - [`validation`]: validation of bundles: how explanations fare, by type of simulated customer.
//! - [`build`]: bundles built from a network and a population of histories: everything that does not need PyTorch.
//! - [`bulk`]: bulk scoring of files and tables of histories, on all processors, into one stream or into a folder of
//!   parts.
//! - [`pages`]: pages for people: explanations, scorings and models as HTML and figures in SVG, made from their JSON
//!   documents.
//! - [`config`]: settings of the server and the commands: flags, variables and the file microseg.toml.
//! - [`telemetry`]: log and traces of the process, without customer data.
//! - [`http`]: HTTP interface of the server: its operations, and what all requests share.

pub use microseg_access as access;
pub use microseg_build as build;
pub use microseg_bulk as bulk;
pub use microseg_config as config;
pub use microseg_encoding as encoding;
pub use microseg_explain as explain;
pub use microseg_history as history;
pub use microseg_http as http;
pub use microseg_model as model;
pub use microseg_pages as pages;
pub use microseg_problem as problem;
pub use microseg_reasons as reasons;
pub use microseg_runtime as runtime;
pub use microseg_scoring as scoring;
pub use microseg_sealing as sealing;
pub use microseg_simulation as simulation;
pub use microseg_space as space;
pub use microseg_store as store;
pub use microseg_telemetry as telemetry;
pub use microseg_timing as timing;
pub use microseg_tls as tls;
pub use microseg_validation as validation;
