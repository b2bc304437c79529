//! Settings: one small struct for each concern. A field's text is the help of its flag; flags win over variables.

mod explanations;
mod limits;
mod log;
mod models;
mod network;
mod server;

pub use explanations::ExplanationSettings;
pub use limits::LimitSettings;
pub use log::{LogFormat, LogSettings};
pub use models::ModelSettings;
pub use network::NetworkSettings;
pub use server::ServerSettings;
