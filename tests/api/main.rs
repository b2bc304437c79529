//! Black-box tests of the program over HTTP and on the command line, with the reference network.
//!
//! They do not link the server's crates: what they see is what a caller sees.

#![allow(clippy::unwrap_used, reason = "a test that cannot continue has failed")]

mod api_keys;
mod audits;
mod browser;
mod bundles;
mod change;
mod command_line;
mod concurrency;
mod configuration;
mod connections;
mod content_coding;
mod crash;
mod dashboard;
mod declared_networks;
mod earlier_methods;
mod early_answers;
mod erasures;
mod explain;
mod explained_fields;
mod explained_networks;
mod explained_tokens;
mod exposure;
mod faulty_networks;
mod global_events;
mod global_linear;
mod http_rules;
mod hung_networks;
mod idempotency;
mod instance_jobs;
mod jobs;
mod kept_customers;
mod lifecycle;
mod limits;
mod linear_network;
mod malformed_requests;
mod many_instances;
mod metrics;
mod metrics_address;
mod model_build;
mod model_tables;
mod model_versions;
mod models;
mod openapi;
mod pages;
mod protocols;
mod rate_limits;
mod readme;
mod reason_catalogues;
mod records;
mod recourse;
mod score;
mod score_ndjson;
mod scoring_priority;
mod several_servers;
mod shapley;
mod shares;
mod state_tokens;
mod store_faults;
mod stream;
mod tenants;
mod tls;
mod traces;
mod verify;
