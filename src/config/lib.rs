//! Settings: one small struct for each concern. A field's documentation is the help of its flag. A flag wins over a
//! variable, a variable over the file, and the file over the default.
//!
//! A new field needs `long`, `env = "MICROSEG_<its flag>"`, and a default or an `Option`; a secret has
//! `hide_env_values = true`. Reading and printing of the file and the table in the documentation follow from the field.
//! Conditions between two settings are checked in code: clap's `requires` and `conflicts_with` do not see values of the
//! file.
//!
//! Imports point one way: `file` and `memory` → `service` → the struct of each concern.

mod access;
mod connections;
mod customers;
mod duration;
mod explanations;
mod file;
mod limits;
mod log;
mod memory;
mod models;
mod network;
mod records;
mod server;
mod service;
mod state_tokens;
mod tls;
mod traces;
mod traffic;
mod trial;

pub use access::{AccessError, AccessSettings};
pub use connections::ConnectionSettings;
pub use customers::{AfterErasure, CustomerRetentionSettings, CustomerSettings};
pub use explanations::{ExplanationCapacity, ExplanationSettings};
pub use file::{ConfigError, ConfigFile, ConfigSettings, print};
pub use limits::LimitSettings;
pub use log::{LogFormat, LogSettings};
pub use models::{ModelSettings, ShadowSettings};
pub use network::NetworkSettings;
pub use records::{KeepInput, PasswordFileError, RecordSettings, RetentionSettings, StoreSettings};
pub use server::ServerSettings;
pub use service::ServiceSettings;
pub use state_tokens::{StateTokenKeysError, StateTokenSettings};
pub use tls::{IncompleteCertificate, TlsSettings};
pub use traces::{CollectorUrl, TraceSettings};
pub use traffic::TrafficSettings;
pub use trial::TrialSettings;
