//! Scorings of kept customers: each is computed once for a position of the customer's transactions, and kept.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::blocking_pool::{BlockingPool, PARSED_IN_PLACE};
use super::bodies::Bodies;
use super::kept_fold::{GOES_ON, read_kept, state_in};
use super::models::Models;
use crate::ApiError;
use microseg_encoding::kept_history;
use microseg_history::Identifier;
use microseg_model::{Model, RequestedModel};
use microseg_problem::Problem;
use microseg_scoring::Scoring;
use microseg_store::{KeptContents, KeptCustomer, KeptScoring, Store};
use microseg_timing::Timing;

/// The scoring of a kept customer, or why its transactions cannot be scored.
#[derive(Serialize)]
struct ScoredCustomer {
    /// SHA-256 over the features; `null` without a scoring.
    state_sha256: Option<String>,
    /// The scoring; `null` when the transactions cannot be scored.
    scoring: Option<Scoring>,
    /// Why they cannot be scored, as when nothing is spending yet; `null` when they can.
    problem: Option<Problem>,
}

impl ScoredCustomer {
    /// One whose transactions cannot be scored.
    fn refused(problem: Problem) -> Self {
        Self {
            state_sha256: None,
            scoring: None,
            problem: Some(problem),
        }
    }
}

/// As it was kept.
#[derive(Deserialize)]
pub(crate) struct KeptDocument {
    pub(crate) state_sha256: Option<String>,
    pub(crate) scoring: Option<Box<RawValue>>,
    pub(crate) problem: Option<Box<RawValue>>,
}

/// What scoring kept customers needs.
#[derive(Debug, Clone)]
pub(crate) struct CustomerScorer {
    models: Models,
    pool: BlockingPool,
}

/// The SHA-256 that a model's scorings are kept under: of all that decides them.
fn bundle_sha256(model: &Model) -> String {
    let identity = model.identity();
    let mut digest = Sha256::new();
    for part in [
        &*identity.name,
        &identity.version,
        &identity.sha256,
        model.encoding_sha256(),
    ] {
        digest.update(part);
        digest.update([0]);
    }
    hex::encode(digest.finalize())
}

impl CustomerScorer {
    pub(crate) fn new(models: Models, pool: BlockingPool) -> Self {
        Self { models, pool }
    }

    /// The model whose scorings are kept: the one of requests that name none.
    pub(crate) fn default_model(&self) -> Result<Arc<Model>, ApiError> {
        self.models.select(&RequestedModel::default())
    }

    /// The digest of the model whose scorings are kept.
    pub(crate) fn default_bundle(&self) -> Result<String, ApiError> {
        Ok(bundle_sha256(&*self.default_model()?))
    }

    /// The scoring of all transactions of a customer: the kept one, or a new one, which is kept where the model is the
    /// default one.
    pub(crate) async fn score(
        &self,
        store: &Store,
        bodies: Option<&Bodies>,
        model: &Arc<Model>,
        (customer_id, customer): (&Identifier, &KeptCustomer),
        timing: &mut Timing,
    ) -> Result<KeptScoring, ApiError> {
        let bundle = bundle_sha256(model);
        if let Some(kept) = &customer.scoring
            && kept.position == customer.position
            && kept.bundle_sha256 == bundle
        {
            return Ok(kept.clone());
        }
        let bytes = usize::try_from(customer.bytes).unwrap_or(usize::MAX);
        // Read and put together: twice their size.
        let _memory = bodies
            .map(|bodies| bodies.reserve(bytes.saturating_mul(2)))
            .transpose()?;
        let contents = store.contents_of(customer).await?;
        let contents = contents.ok_or(ApiError::NoSuchCustomer)?;
        let position = contents.position;
        let scored = self
            .score_contents(model, (customer_id, customer), contents, timing)
            .await?;
        let segment = scored
            .scoring
            .as_ref()
            .map(|scoring| scoring.segment.id.clone());
        let scoring = KeptScoring {
            position,
            model: model.identity().name.clone(),
            segment,
            document: serde_json::to_vec(&scored)?,
            bundle_sha256: bundle,
        };
        if self.default_bundle()? == scoring.bundle_sha256 {
            store.keep_scoring(customer, scoring.clone()).await?;
        }
        Ok(scoring)
    }

    async fn score_contents(
        &self,
        model: &Arc<Model>,
        (customer_id, customer): (&Identifier, &KeptCustomer),
        contents: KeptContents,
        timing: &mut Timing,
    ) -> Result<ScoredCustomer, ApiError> {
        let state = contents.fold.map(|fold| state_in(model, &fold)).transpose();
        let state = match state {
            Ok(state) => state,
            Err(problem) => return Ok(ScoredCustomer::refused(problem)),
        };
        let document = kept_history(
            customer_id.as_str(),
            &customer.settings,
            &contents.documents,
            state.as_ref().map(|_| GOES_ON),
            None,
        )?;
        let read = if document.len() <= PARSED_IN_PLACE {
            read_kept(model, &document, state, false)
        } else {
            let own = model.clone();
            let work = move || read_kept(&own, &document, state, false);
            self.pool.run(work).await?
        };
        let history = match read {
            Ok(history) => history,
            Err(error) => return Ok(ScoredCustomer::refused(Problem::from(error))),
        };
        // Not counted in the drift: a customer is scored again, whole, after each change.
        let scored = microseg_scoring::score_again(model, history, timing).await?;
        Ok(ScoredCustomer {
            state_sha256: Some(state_sha256(&scored.scoring)),
            scoring: Some(scored.scoring),
            problem: None,
        })
    }
}

/// SHA-256 over the features of a scoring: each number as 4 bytes of IEEE 754 binary32, the most significant first.
fn state_sha256(scoring: &Scoring) -> String {
    let mut digest = Sha256::new();
    for number in &scoring.features.state {
        digest.update(number.to_be_bytes());
    }
    hex::encode(digest.finalize())
}
