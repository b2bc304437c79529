//! `POST /explain`: the form of the first page, answered by the page of its explanation, which is recorded.

use std::sync::Arc;

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, http::header};
use serde_json::Value;
use uuid::Uuid;

use super::form::Form;
use super::home::filled;
use crate::operation::{Operation, RequiredScope};
use crate::request::{Arrival, Caller, FormOrigin, RawBody};
use crate::state::{Account, Assignment, Bodies, Explainer, Models, OfCaller, StateTokens};
use crate::{ApiError, RequestId, pages};
use microseg_access::Scope;
use microseg_config::KeepInput;
use microseg_encoding::History;
use microseg_explain::{Options, Origin, check};
use microseg_model::Model;
use microseg_pages::{Course, ExplanationDocuments, Frame, explanation_page, home_page};
use microseg_problem::{Problem, ProblemKind};
use microseg_timing::Timing;

/// A history beyond this is not repeated in the request on its page, in bytes.
const REPEATED: usize = 64 * 1024;

/// Why the page has no trajectory, where the key is for explanations alone.
const NO_SCORE: &str =
    "The trajectory and the spending are not shown: they need a key with the scope `score`.";

pub(super) fn operation() -> Operation {
    Operation::post("/explain", Scope::Explain, ask).page()
}

/// What explains for a caller.
struct Desk {
    explainer: Explainer,
    tokens: StateTokens,
    models: Models,
    bodies: Bodies,
    caller: Caller,
    account: Account,
    request_id: RequestId,
    arrival: Arrival,
}

impl FromRequestParts<crate::App> for Desk {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &crate::App) -> Result<Self, ApiError> {
        let OfCaller(explainer) = OfCaller::from_request_parts(parts, app).await?;
        let OfCaller(tokens) = OfCaller::from_request_parts(parts, app).await?;
        let State(models) = State::from_request_parts(parts, app)
            .await
            .map_err(|_| ApiError::NotReady)?;
        // Every request has them.
        let extension = &parts.extensions;
        Ok(Self {
            explainer,
            tokens,
            models,
            bodies: Bodies::of_request(extension, app)?,
            caller: extension.get().cloned().ok_or(ApiError::Interrupted)?,
            account: Account::of_request(extension)?,
            request_id: extension.get().cloned().ok_or(ApiError::Interrupted)?,
            arrival: extension.get().copied().ok_or(ApiError::Interrupted)?,
        })
    }
}

async fn ask(desk: Desk, headers: HeaderMap, body: RawBody) -> Result<Response, ApiError> {
    if FormOrigin::of(&headers) == FormOrigin::Elsewhere {
        return Err(ApiError::CrossSite);
    }
    let form = Form::read(&headers, body.keep().bytes).await?;
    match desk.explain(&form, body).await {
        Ok(response) => Ok(response),
        Err(error) => desk.refuse(&form, error),
    }
}

impl Desk {
    /// What the sender can mend is answered by the form as it was sent.
    fn refuse(&self, form: &Form, error: ApiError) -> Result<Response, ApiError> {
        let is_mendable = matches!(
            &error,
            ApiError::History(_)
                | ApiError::Explain(_)
                | ApiError::InvalidContent(_)
                | ApiError::Choice(_)
        );
        if !is_mendable {
            return Err(error);
        }
        let problem = Problem::from(error);
        if problem.kind() == ProblemKind::Internal || problem.kind().status() >= 500 {
            return Ok(ApiError::Interrupted.into_response());
        }
        let home = filled(&self.models, &self.caller, form, Some(&problem));
        let status = StatusCode::from_u16(problem.kind().status())
            .unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
        pages::page_with_status(status, home_page(&home, &self.frame()))
    }

    fn frame(&self) -> Frame<'_> {
        pages::frame(&self.caller, "/")
    }

    async fn explain(&self, form: &Form, body: RawBody) -> Result<Response, ApiError> {
        let records = &self.explainer.records;
        let admitted = records.store.admit().await?;
        if form.history.is_empty() {
            return Err(ApiError::InvalidContent(
                "paste a history, or choose a file with one".to_owned(),
            ));
        }
        let model = self.models.select(&form.model()?)?;
        let (history, given) = self.read(&model, form).await?;
        let options = form.options(given)?;
        check(&model, &options)?;
        let _admitted = self.explainer.admit(&self.account)?;
        let keeps_history = records.keep_input == KeepInput::History;
        let id = Uuid::now_v7();
        let assignment = Assignment {
            model: model.clone(),
            history: history.clone(),
            options,
            origin: Origin {
                id,
                request_id: Some(self.request_id.as_str().to_owned()),
                started_at: self.arrival.0,
            },
            request: keeps_history.then(|| body.keep().of(form.history.clone())),
            admitted,
            of_job: false,
            account: self.account.clone(),
        };
        let (record, timing) = self
            .explainer
            .explain(assignment, Timing::default())
            .await?;
        let record: Value = serde_json::from_slice(&record)?;
        let course = self.course(&model, history).await?;
        let sent = (form.history.len() <= REPEATED).then(|| serde_json::from_slice(&form.history));
        let sent: Option<Value> = sent.and_then(Result::ok);
        let documents = ExplanationDocuments {
            explanation: &record,
            course: course.as_ref(),
            course_note: course.is_none().then_some(NO_SCORE),
            history: sent.as_ref(),
        };
        let page = pages::page(explanation_page(&documents, &self.frame()))?;
        let location = [(header::CONTENT_LOCATION, format!("/v1/explanations/{id}"))];
        Ok((Extension(timing), location, page).into_response())
    }

    /// The history in the form, and the options in it.
    async fn read(
        &self,
        model: &Arc<Model>,
        form: &Form,
    ) -> Result<(History, Option<Options>), ApiError> {
        let (tokens, model, bytes) = (self.tokens.clone(), model.clone(), form.history.clone());
        let read = move || tokens.read_with::<Options>(&model, &bytes, "explain");
        Ok(self.bodies.pool.run(read).await??)
    }

    /// The trajectory, for a caller who may score.
    async fn course(&self, model: &Model, history: History) -> Result<Option<Course>, ApiError> {
        if self
            .caller
            .check(RequiredScope::Scope(Scope::Score))
            .is_err()
        {
            return Ok(None);
        }
        pages::course(model, history).await.map(Some)
    }
}
