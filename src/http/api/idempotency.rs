//! Requests with an `idempotency-key`: each is done once, and the same request again gets the same answer.

use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, http::StatusCode};
use schemars::json_schema;
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::explanations::{id, record};
use super::jobs;
use crate::ApiError;
use crate::operation::Parameter;
use microseg_store::{Claim, KeyedRequest, Store};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Says that an answer was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Marks an answer as one that was given before.
pub(super) fn mark_replayed(response: &mut Response) {
    let replayed = HeaderValue::from_static("true");
    response.headers_mut().insert(REPLAYED, replayed);
}

/// The longest key, in bytes.
const LONGEST: usize = 255;

/// The key of a request, if it has one.
pub(super) struct IdempotencyKey(pub(super) Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let mut given = parts.headers.get_all(IDEMPOTENCY_KEY).into_iter();
        let Some(key) = given.next() else {
            return Ok(Self(None));
        };
        let is_only = given.next().is_none();
        let allowed = |byte: &u8| byte.is_ascii_graphic();
        let bytes = key.as_bytes();
        let fits = (1..=LONGEST).contains(&bytes.len()) && bytes.iter().all(allowed);
        let key = key.to_str().ok().filter(|_| is_only && fits);
        let key = key.ok_or_else(|| {
            ApiError::InvalidContent(format!(
                "the header idempotency-key: expected 1 to {LONGEST} visible ASCII characters, once"
            ))
        })?;
        Ok(Self(Some(key.to_owned())))
    }
}

/// The header in the document, for explanations.
pub(super) fn parameter() -> Parameter {
    described(
        "A name of your own for this request, such as a UUID. Sent again with the same name, as after a lost answer, the \
         request is not done again: its answer is the same explanation or job. Another request with that name is refused.",
    )
}

/// The header in the document, for transactions that are kept.
pub(super) fn parameter_of_transactions() -> Parameter {
    described(
        "A name of your own for this request, such as a UUID. Sent again with the same name, as after a lost answer, the \
         request is not done again: its answer has the same counts and positions. Another request with that name is refused. \
         A body of lines is then read whole before its first line is kept.",
    )
}

fn described(description: &'static str) -> Parameter {
    Parameter::in_header(
        "idempotency-key",
        description,
        |_| json_schema!({"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"}),
        "7f3f6f7e-0d5c-4f0e-9d0b-6f1f0b6f3c55",
    )
}

/// The beginning of a request with a key.
pub(super) enum Begun {
    /// It is to be done, and its explanation or job has this id.
    Now(Uuid, HeldClaim),
    /// It was done: this is the answer.
    Before(Response),
}

/// Claims the key of a request.
pub(super) async fn begin(store: &Store, request: KeyedRequest) -> Result<Begun, ApiError> {
    match store.claim(request).await? {
        Claim::Granted(id) => Ok(Begun::Now(id, HeldClaim::new(store.clone(), id))),
        Claim::Recorded(id) => Ok(Begun::Before(recorded(store, id).await?)),
        Claim::Queued(id) => Ok(Begun::Before(queued(store, id).await?)),
        Claim::UnderWay => Err(ApiError::UnderWay),
        Claim::OfAnother => Err(ApiError::KeyReused),
    }
}

/// The answer that an explanation was given before.
pub(super) async fn recorded(store: &Store, id: Uuid) -> Result<Response, ApiError> {
    let record = store.document(id).await?;
    let record = record.ok_or(ApiError::NoSuchExplanation)?;
    let headers = [
        (header::LOCATION, id::address(id)),
        (REPLAYED, "true".to_owned()),
    ];
    Ok((StatusCode::CREATED, headers, record::document(record)).into_response())
}

/// The answer that a job was given before, with its status as it is now.
async fn queued(store: &Store, id: Uuid) -> Result<Response, ApiError> {
    let job = jobs::find(store, id).await?;
    let mut response = jobs::accepted(id, Json(job));
    mark_replayed(&mut response);
    Ok(response)
}

/// A granted claim, renewed for as long as this lives. Dropped, it is released, unless the request was done.
pub(super) struct HeldClaim {
    store: Store,
    id: Uuid,
    renewing: JoinHandle<()>,
    is_done: bool,
}

impl HeldClaim {
    fn new(store: Store, id: Uuid) -> Self {
        let renewing = tokio::spawn(renew(store.clone(), id));
        Self {
            store,
            id,
            renewing,
            is_done: false,
        }
    }

    /// What was to be done was recorded or queued.
    pub(super) fn done(mut self) {
        self.is_done = true;
    }
}

impl Drop for HeldClaim {
    fn drop(&mut self) {
        self.renewing.abort();
        if self.is_done {
            return;
        }
        let (store, id) = (self.store.clone(), self.id);
        // The client may have left while the explanation was being recorded: then the claim stays.
        tokio::spawn(async move {
            if let Err(error) = store.release_claim(id).await {
                tracing::warn!(%error, "the key of a request could not be released");
            }
        });
    }
}

async fn renew(store: Store, id: Uuid) {
    let pause: Duration = Store::CLAIM / 3;
    loop {
        tokio::time::sleep(pause).await;
        if let Err(error) = store.renew_claim(id).await {
            tracing::warn!(%error, "the key of a request could not be held");
        }
    }
}
