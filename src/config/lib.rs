//! Settings: one small struct for each concern. A field's text is the help of its flag; flags win over variables, those
//! over the file, and that over defaults.
//!
//! A new field needs `long`, `env = "MICROSEG_<its flag>"`, and a default or an `Option`; a secret has
//! `hide_env_values = true`. The file, its print and its table then know it. What two settings ask of each other is
//! checked in code: clap's `requires` and `conflicts_with` do not see values of the file.

mod access;
mod connections;
mod explanations;
mod fault;
mod file;
mod limits;
mod log;
mod models;
mod network;
mod print;
mod records;
mod server;
mod service;
mod setting;
#[cfg(test)]
mod table;
mod tls;
mod traces;
mod traffic;
mod value;

pub use access::{AccessError, AccessSettings};
pub use connections::ConnectionSettings;
pub use explanations::{ExplanationCapacity, ExplanationSettings};
pub use fault::ConfigError;
pub use file::{ConfigFile, ConfigSettings};
pub use limits::LimitSettings;
pub use log::{LogFormat, LogSettings};
pub use models::{ModelSettings, ShadowSettings};
pub use network::NetworkSettings;
pub use print::print;
pub use records::{KeepInput, RecordSettings, StoreSettings};
pub use server::ServerSettings;
pub use service::ServiceSettings;
pub use tls::{HalfACertificate, TlsSettings};
pub use traces::{Collector, TraceSettings};
pub use traffic::TrafficSettings;
