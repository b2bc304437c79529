//! The network and everything that must be true before it is trusted. The only room that names `tch`.
//!
//! A [`Model`] is one checked bundle with its network running on threads of its own. Callers hand it a [`Batch`] of
//! profiles and await the [`Trajectories`]; a full queue is an answer ([`RunError::Busy`]), never a wait. A [`Registry`]
//! has those that are served, and exchanges them while requests go on.

mod batch;
mod bundle;
mod catalogues;
mod directory;
mod drift;
mod golden;
mod loaded;
mod manifest;
mod metrics;
mod network;
mod queue;
mod registry;
mod spares;
mod steadiness;
mod workers;

pub use batch::{Batch, Memory, Trajectories};
pub use bundle::{Bundle, BundleError};
pub use directory::{DirectoryError, FoundBundle, find_bundle};
pub use golden::GoldenError;
pub use loaded::{Capacity, LoadError, Model, ModelIdentity};
pub use manifest::{Manifest, ManifestDocument, ManifestError, Outline, files};
pub use metrics::{NetworkCollector, NetworkMetrics};
pub use network::{LIBTORCH_VERSION, Network, NetworkError};
pub use queue::Lane;
pub use registry::{
    Candidate, Change, ChoiceError, Outcome, Registry, Selection, ServedModels, Wish,
};
pub use workers::{Run, RunError, StartError};
