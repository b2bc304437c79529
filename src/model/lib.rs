//! Models: checked bundles, whose networks run on threads of their own.
//!
//! A [`Model`] is one checked bundle with its running network. Callers give it a [`Batch`] of profiles and await the
//! [`Trajectories`]; a full queue is an error at once ([`RunError::Busy`]), and no wait. A [`Registry`] has the models that
//! are served, and exchanges them while requests go on.

mod batching;
mod bundle;
mod capacity;
mod collector;
mod default_model;
mod design;
mod directory;
mod drift;
mod golden;
mod hung_threads;
mod load_control;
mod load_error;
mod manifest;
mod metrics;
mod model;
mod registry;
mod served_models;
mod trial;
mod trial_error;
mod validation;

pub use batching::{MANY_SEQUENCES, Priority, Run, RunError, StartError};
pub use bundle::{Bundle, BundleError};
pub use capacity::Capacity;
pub use collector::NetworkCollector;
pub use default_model::DefaultModelError;
pub use design::{design, design_names};
pub use directory::{DirectoryError, FoundBundle, expect_bundles, find_bundle};
pub use golden::{GoldenError, histories_of_golden_cases};
pub use hung_threads::HungThreads;
pub use load_control::LoadControl;
pub use load_error::LoadError;
pub use manifest::{
    DeclaredDocument, Manifest, ManifestDocument, ManifestError, NetworkDocument, NetworkOutline,
    Outline, SharesDocument, StateDocument, files, is_model_name,
};
pub use metrics::NetworkMetrics;
pub use model::{Model, ModelIdentity};
pub use registry::{Change, Outcome, Registry, RegistryConfig};
pub use served_models::{Candidate, RequestedModel, SelectionError, ServedModels};
pub use trial::{Trial, try_bundle};
pub use trial_error::TrialError;
pub use validation::{Validation, ValidationFault, ValidationRow, VerdictShares};

// Types of the runtime that this crate takes and gives.
pub use microseg_runtime::{Batch, NetworkError, RecurrentState, RuntimeIdentity, Trajectories};
