//! Settings: one small struct for each concern. A field's text is the help of its flag; flags win over variables.

mod access;
mod connections;
mod explanations;
mod limits;
mod log;
mod models;
mod network;
mod records;
mod server;
mod service;
mod tls;
mod traffic;

pub use access::{AccessError, AccessSettings};
pub use connections::ConnectionSettings;
pub use explanations::{ExplanationCapacity, ExplanationSettings};
pub use limits::LimitSettings;
pub use log::{LogFormat, LogSettings};
pub use models::{ModelSettings, ShadowSettings};
pub use network::NetworkSettings;
pub use records::{KeepInput, RecordSettings, StoreSettings};
pub use server::ServerSettings;
pub use service::ServiceSettings;
pub use tls::TlsSettings;
pub use traffic::TrafficSettings;
