//! The loaded models.

use std::sync::{Arc, OnceLock};

use crate::ApiError;
use microseg_model::{Change, Model, Outcome, Registry, RequestedModel};

/// The models, once they are loaded; clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Models(Arc<OnceLock<Arc<Registry>>>);

impl Models {
    /// Sets the registry. A server has one in its life, which exchanges the models in it.
    pub(super) fn set(&self, registry: Arc<Registry>) {
        let _ = self.0.set(registry);
    }

    pub(crate) fn are_loaded(&self) -> bool {
        self.0.get().is_some()
    }

    /// The registry of the models; they stay while the server drains, for the requests under way.
    ///
    /// # Errors
    /// [`ApiError::NotReady`] before the models are loaded.
    pub(crate) fn registry(&self) -> Result<&Arc<Registry>, ApiError> {
        self.0.get().ok_or(ApiError::NotReady)
    }

    /// The requested model as it is served at this moment.
    ///
    /// # Errors
    /// [`ApiError`] before the models are loaded, or when there is no such model.
    pub(crate) fn select(&self, requested: &RequestedModel) -> Result<Arc<Model>, ApiError> {
        Ok(self.registry()?.served().select(requested)?)
    }

    /// Exchanges the models for what is in their folder now, and logs what became of each; on a thread of its own, since
    /// loading takes its time.
    ///
    /// # Errors
    /// [`ApiError`] before the models are loaded, or when their folder cannot be read.
    pub(crate) async fn reload(&self) -> Result<Vec<Change>, ApiError> {
        let registry = self.registry()?.clone();
        let reloading = tokio::task::spawn_blocking(move || registry.reload());
        let changes = reloading.await.map_err(|_| ApiError::Interrupted)??;
        log_changes(&changes);
        Ok(changes)
    }
}

/// Logs the outcome of each bundle.
pub fn log_changes(changes: &[Change]) {
    for change in changes {
        let Change {
            name,
            version,
            sha256,
            outcome,
        } = change;
        match outcome {
            Outcome::Kept => {}
            Outcome::Loaded => tracing::info!(name, version, sha256, "a bundle was loaded"),
            Outcome::Replaced => tracing::info!(name, version, sha256, "a bundle was replaced"),
            Outcome::Removed => tracing::info!(name, version, "a bundle was removed"),
            Outcome::Refused(error) => {
                tracing::error!(name, version, %error, "a bundle was refused");
            }
        }
    }
}
