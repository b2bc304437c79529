//! Explanations of the instances of a request: computed now, or queued as a job each.

use std::sync::Arc;
use std::time::Instant;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::instances::{each, texts};
use crate::api::jobs::{JobDocument, Status};
use crate::api::preference;
use crate::request::JsonBody;
use crate::state::{Account, Assignment, Explainer, Jobs, KeptBody, StateTokens};
use crate::{ApiError, RequestId, job_request};
use microseg_config::KeepInput;
use microseg_encoding::{Encoder, History};
use microseg_explain::{ExplainError, Options, Origin, check, check_history};
use microseg_history::{HistoryError, Identifier};
use microseg_model::Model;
use microseg_store::{AdmittedAt, NewJob};
use microseg_timing::Timing;

/// A job for each instance.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Jobs")]
pub(super) struct QueuedJobs {
    /// In the order of the instances; the id of each is that of its explanation.
    jobs: Vec<JobDocument>,
}

/// A request to explain instances, beside its body.
pub(super) struct ExplainRequest {
    pub(super) model: Arc<Model>,
    /// A history may go on from one of them.
    pub(super) tokens: StateTokens,
    /// A customer that was erased since is not explained any more.
    pub(super) admitted: AdmittedAt,
    pub(super) request_id: RequestId,
    pub(super) account: Account,
}

/// How many instances there may be, and the limits that say so.
struct Most {
    instances: usize,
    allowed_by: &'static str,
}

impl ExplainRequest {
    /// Explains the instances one after the other.
    pub(super) async fn explain(
        self,
        body: JsonBody,
        explainer: &Explainer,
    ) -> Result<Response, ApiError> {
        let most = Most {
            instances: explainer.most,
            allowed_by: "the limits explanation_threads and explanation_queue admit",
        };
        let kept = (explainer.records.keep_input == KeepInput::History).then(|| body.keep());
        let mut timing = Timing::default();
        let read = move |history: History, text: &[u8]| {
            let request = kept.as_ref().map(|kept| kept.part(text));
            (history, request)
        };
        let instances = self.read(body, most, &mut timing, read).await?;
        let mut places = explainer.admit_many(&self.account, instances.len())?;
        let mut records = Vec::with_capacity(instances.len());
        for ((history, request), options) in instances {
            let assignment = self.assignment(history, options, request);
            let record;
            (record, timing) = explainer.explain(assignment, timing).await?;
            records.push(record);
            // Its place is free for another explanation.
            drop(places.split(1));
        }
        // Records are JSON already, and go out byte for byte.
        let json = [(header::CONTENT_TYPE, "application/json")];
        let explanations = [&b"{\"explanations\":["[..], &records.join(&b','), b"]}"].concat();
        Ok((Extension(timing), json, explanations).into_response())
    }

    fn assignment(
        &self,
        history: History,
        options: Options,
        request: Option<KeptBody>,
    ) -> Assignment {
        Assignment {
            model: self.model.clone(),
            history,
            options,
            origin: Origin {
                id: Uuid::now_v7(),
                request_id: Some(self.request_id.as_str().to_owned()),
                started_at: Instant::now(),
            },
            request,
            admitted: self.admitted,
            of_job: false,
            account: self.account.clone(),
        }
    }

    /// Queues a job for each instance: all of them, or none.
    pub(super) async fn queue(self, body: JsonBody, jobs: &Jobs) -> Result<Response, ApiError> {
        let most = Most {
            instances: jobs.most(),
            allowed_by: "the limit job_queue admits",
        };
        let kept = body.keep();
        let mut timing = Timing::default();
        // The job reads its history again: here only its faults matter.
        let read = move |history: History, text: &[u8]| (history.customer_id, kept.part(text));
        let instances = self.read(body, most, &mut timing, read).await?;
        let instances = instances.into_iter().map(|(instance, _)| instance);
        let new_jobs: Vec<_> = instances.map(|instance| self.job(jobs, instance)).collect();
        let documents = new_jobs.iter();
        let documents = documents.map(|job| JobDocument::new(job.id, Status::Queued));
        let documents = Json(QueuedJobs {
            jobs: documents.collect(),
        });
        jobs.enqueue(new_jobs).await?;
        let applied = [preference::applied()];
        Ok((StatusCode::ACCEPTED, Extension(timing), applied, documents).into_response())
    }

    fn job(&self, jobs: &Jobs, (customer_id, request): (Option<Identifier>, KeptBody)) -> NewJob {
        let request_id = self.request_id.as_str();
        NewJob {
            id: Uuid::now_v7(),
            customer_id,
            request: job_request::encode(request_id, self.model.identity(), &request.bytes),
            admitted: self.admitted,
            caller: jobs.caller(&self.account),
        }
    }

    /// Reads and checks all instances; of each, what `keep` makes of its history and its text, and its options.
    async fn read<T: Send + 'static>(
        &self,
        body: JsonBody,
        most: Most,
        timing: &mut Timing,
        keep: impl Fn(History, &[u8]) -> T + Send + 'static,
    ) -> Result<Vec<(T, Options)>, ApiError> {
        let (model, tokens) = (self.model.clone(), self.tokens.clone());
        let read = move |_: &Encoder, bytes: &[u8]| {
            let texts = texts(bytes)?;
            if texts.len() > most.instances {
                return Err(most.exceeded());
            }
            let read = |text: &[u8]| {
                let (history, options) = tokens.read_with::<Options>(&model, text, "explain")?;
                let options = options.unwrap_or_default();
                let checked = check(&model, &options);
                let checked = checked.and_then(|()| check_history(&history, &options));
                checked.map_err(|error| at_option(&error))?;
                Ok::<_, HistoryError>((keep(history, text), options))
            };
            each(&texts, read).collect::<Result<Vec<_>, _>>()
        };
        body.parse(&self.model, timing, read).await
    }
}

/// The option at fault in an instance, which `each` gives its place.
fn at_option(error: &ExplainError) -> HistoryError {
    HistoryError::Invalid {
        pointer: error.option().unwrap_or_else(|| "/explain".to_owned()),
        detail: error.to_string(),
    }
}

impl Most {
    /// More instances than the limits can ever admit at once.
    fn exceeded(&self) -> HistoryError {
        let Self {
            instances,
            allowed_by,
        } = self;
        HistoryError::Invalid {
            pointer: "/instances".to_owned(),
            detail: format!(
                "expected at most {instances} histories to explain, as many as {allowed_by}"
            ),
        }
    }
}
