//! Settings of the server, by concern.

use clap::Args;

use super::access::AccessSettings;
use super::connections::ConnectionSettings;
use super::customers::CustomerSettings;
use super::explanations::{ExplanationCapacity, ExplanationSettings};
use super::limits::LimitSettings;
use super::models::{ModelSettings, ShadowSettings};
use super::network::NetworkSettings;
use super::records::RecordSettings;
use super::server::ServerSettings;
use super::state_tokens::StateTokenSettings;
use super::tls::TlsSettings;
use super::traces::TraceSettings;
use super::traffic::TrafficSettings;
use super::trial::TrialSettings;

/// The settings of `microseg serve`, by concern.
#[derive(Debug, Clone, Args)]
pub struct ServiceSettings {
    /// Addresses, and time limits of bodies and of the end.
    #[command(flatten, next_help_heading = "Addresses and the end")]
    pub server: ServerSettings,
    /// API keys.
    #[command(flatten, next_help_heading = "Keys and secrets")]
    pub access: AccessSettings,
    /// Keys of state tokens.
    #[command(flatten)]
    pub state_tokens: StateTokenSettings,
    /// The certificate.
    #[command(flatten)]
    pub tls: TlsSettings,
    /// Number and time limits of connections.
    #[command(flatten, next_help_heading = "Connections and requests")]
    pub connections: ConnectionSettings,
    /// Rates and numbers of requests.
    #[command(flatten)]
    pub traffic: TrafficSettings,
    /// The models.
    #[command(flatten, next_help_heading = "Models")]
    pub models: ModelSettings,
    /// The shadow model.
    #[command(flatten)]
    pub shadow: ShadowSettings,
    /// Threads, queue and batches of the network.
    #[command(flatten, next_help_heading = "Networks")]
    pub network: NetworkSettings,
    /// The trial of each network when it is loaded.
    #[command(flatten)]
    pub trial: TrialSettings,
    /// Sizes of bodies and histories.
    #[command(flatten, next_help_heading = "Sizes of bodies and histories")]
    pub limits: LimitSettings,
    /// Thresholds of explanations.
    #[command(flatten, next_help_heading = "Explanations")]
    pub explanations: ExplanationSettings,
    /// Threads and queue of explanations.
    #[command(flatten)]
    pub capacity: ExplanationCapacity,
    /// Records and jobs.
    #[command(flatten, next_help_heading = "Records, jobs and customers")]
    pub records: RecordSettings,
    /// Kept customers.
    #[command(flatten)]
    pub customers: CustomerSettings,
    /// Traces.
    #[command(flatten, next_help_heading = "Traces")]
    pub traces: TraceSettings,
}
