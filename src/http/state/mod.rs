//! Shared state of the server, in small parts: a handler extracts the parts that it needs.

mod account;
mod admission;
mod answers;
mod blocking_pool;
mod bodies;
mod customer_changes;
mod customer_metrics;
mod customer_scorer;
mod explainer;
mod jobs;
mod kept_fold;
mod metrics;
mod models;
mod records;
mod shadow;
mod shares;
mod state_tokens;
mod telemetry;
mod tenants;

pub(crate) use account::Account;
pub(crate) use admission::AdmissionControl;
pub(crate) use answers::{AnswerMemory, Answers, counted};
pub(crate) use blocking_pool::{BlockingPool, PARSED_IN_PLACE};
pub(crate) use bodies::{Bodies, BodyLimits, BodyMemory, KeptBody};
pub(crate) use customer_changes::CustomerChanges;
pub(crate) use customer_scorer::{CustomerScorer, KeptDocument};
pub(crate) use explainer::{Assignment, Explainer};
pub(crate) use jobs::Jobs;
pub(crate) use kept_fold::{GOES_ON, fold_of, read_kept, state_in};
pub(crate) use metrics::known_method;
pub(crate) use models::Models;
pub use models::log_changes;
pub(crate) use records::Records;
pub(crate) use shadow::Shadow;
pub(crate) use shares::Held;
pub(crate) use state_tokens::StateTokens;
pub(crate) use telemetry::Telemetry;
pub(crate) use tenants::{EveryTenant, OfCaller};

use std::sync::Arc;

use axum::extract::FromRef;

use self::shares::SharePolicy;
use crate::ApiError;
use crate::server::Lifecycle;
use microseg_access::ApiKeys;
use microseg_config::ServiceSettings;
use microseg_model::{Change, Registry};
use microseg_sealing::StateKeys;
use microseg_store::Store;
use microseg_telemetry::Traces;

/// All state of the server; clones share it. Each layer and handler gets a clone for every request, so it is one counter.
#[derive(Debug, Clone)]
pub struct App(Arc<Parts>);

/// Declares the parts of the state, each of which a handler can extract by itself.
macro_rules! parts {
    ($($part:ident: $type:ty,)*) => {
        /// The parts of the state.
        #[derive(Debug)]
        pub(crate) struct Parts {
            $(pub(crate) $part: $type,)*
        }

        $(impl FromRef<App> for $type {
            fn from_ref(app: &App) -> Self {
                app.0.$part.clone()
            }
        })*
    };
}

parts! {
    keys: Arc<ApiKeys>,
    admission: AdmissionControl,
    answers: AnswerMemory,
    bodies: BodyLimits,
    customer_changes: CustomerChanges,
    customer_scorer: CustomerScorer,
    explainer: EveryTenant<Explainer>,
    jobs: EveryTenant<Jobs>,
    lifecycle: Lifecycle,
    models: Models,
    pool: BlockingPool,
    records: EveryTenant<Records>,
    shadow: Shadow,
    state_tokens: EveryTenant<StateTokens>,
    telemetry: Telemetry,
}

impl App {
    /// The parts.
    pub(crate) fn parts(&self) -> &Parts {
        &self.0
    }

    /// A server without a model yet: alive, not ready.
    #[must_use]
    pub fn new(
        settings: &ServiceSettings,
        keys: ApiKeys,
        state_keys: StateKeys,
        store: Store,
        traces: Option<Traces>,
    ) -> Self {
        let records = Records {
            store: store.clone(),
            keep_input: settings.records.keep_input,
            keys_kept: settings.records.keys_kept(),
        };
        let lifecycle = Lifecycle::new();
        let models = Models::default();
        let pool = BlockingPool::new(settings.network.threads());
        let telemetry = Telemetry::new(traces);
        Self(Arc::new(Parts {
            keys: Arc::new(keys),
            admission: AdmissionControl::new(&settings.traffic),
            answers: AnswerMemory::new(settings),
            bodies: BodyLimits::new(settings, pool.clone(), lifecycle.clone()),
            customer_changes: CustomerChanges::default(),
            customer_scorer: CustomerScorer::new(models.clone(), pool.clone()),
            explainer: EveryTenant::new(Explainer::new(
                settings,
                records.clone(),
                telemetry.clone(),
            )),
            jobs: EveryTenant::new(Jobs::new(
                store,
                settings.records.queue_limit(),
                SharePolicy::new(&settings.traffic),
            )),
            shadow: Shadow::new(
                settings.shadow.shadow_percent,
                models.clone(),
                telemetry.clone(),
            ),
            state_tokens: EveryTenant::new(StateTokens::new(state_keys)),
            lifecycle,
            models,
            pool,
            records: EveryTenant::new(records),
            telemetry,
        }))
    }

    /// Gives the server its models: from now on it is ready.
    pub fn set_models(&self, models: Registry) {
        let models = Arc::new(models);
        self.0.telemetry.metrics().of_networks(models.clone());
        self.0.models.set(models);
    }

    /// Exchanges the models for what is in their folder now, and logs what became of each.
    ///
    /// # Errors
    /// [`ApiError`] before the models are loaded, or when their folder cannot be read.
    pub async fn reload(&self) -> Result<Vec<Change>, ApiError> {
        self.0.models.reload().await
    }
}
