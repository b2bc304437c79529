//! All settings of a server.

use clap::Args;

use super::{
    AccessSettings, ConnectionSettings, ExplanationCapacity, ExplanationSettings, LimitSettings,
    ModelSettings, NetworkSettings, RecordSettings, ServerSettings, ShadowSettings, TlsSettings,
    TraceSettings, TrafficSettings,
};

/// What `microseg serve` takes: each concern by itself.
#[derive(Debug, Clone, Args)]
pub struct ServiceSettings {
    /// Where it listens and how long it waits.
    #[command(flatten)]
    pub server: ServerSettings,
    /// Who may use it.
    #[command(flatten)]
    pub access: AccessSettings,
    /// Its certificate.
    #[command(flatten)]
    pub tls: TlsSettings,
    /// How long each connection may keep it waiting.
    #[command(flatten)]
    pub connections: ConnectionSettings,
    /// How much callers may ask for.
    #[command(flatten)]
    pub traffic: TrafficSettings,
    /// What it serves.
    #[command(flatten)]
    pub models: ModelSettings,
    /// What it tries out.
    #[command(flatten)]
    pub shadow: ShadowSettings,
    /// What the network runs on.
    #[command(flatten)]
    pub network: NetworkSettings,
    /// How much a caller may send.
    #[command(flatten)]
    pub limits: LimitSettings,
    /// When an explanation is good enough.
    #[command(flatten)]
    pub explanations: ExplanationSettings,
    /// How many explanations it takes on.
    #[command(flatten)]
    pub capacity: ExplanationCapacity,
    /// What it keeps.
    #[command(flatten)]
    pub records: RecordSettings,
    /// Where its traces go.
    #[command(flatten)]
    pub traces: TraceSettings,
}
