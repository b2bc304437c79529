//! Body of a request to explain: one history, or a history a line.

use axum::body::Body;
use axum::extract::{FromRef, FromRequest, FromRequestParts as _, Request};

use crate::ApiError;
use crate::request::{JsonBody, MediaType};
use crate::state::{AnswerMemory, Answers, Bodies, BodyLimits, Held, Models};

/// The body of a request.
pub(super) enum ExplainBody {
    One(JsonBody),
    Lines(Lines),
}

/// A body of many lines, and what it takes.
pub(super) struct Lines {
    pub(super) body: Body,
    pub(super) bodies: Bodies,
    pub(super) answers: Answers,
    /// Its place among the streams.
    pub(super) place: Held,
}

impl<S> FromRequest<S> for ExplainBody
where
    S: Send + Sync,
    AnswerMemory: FromRef<S>,
    BodyLimits: FromRef<S>,
    Models: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        match MediaType::of(request.headers()) {
            Some(MediaType::Ndjson) => {
                let (mut parts, body) = request.into_parts();
                let bodies = Bodies::from_request_parts(&mut parts, state).await?;
                let answers = Answers::from_request_parts(&mut parts, state).await?;
                let place = bodies.open_stream()?;
                Ok(Self::Lines(Lines {
                    body,
                    bodies,
                    answers,
                    place,
                }))
            }
            Some(MediaType::Json) => Ok(Self::One(JsonBody::from_request(request, state).await?)),
            None => Err(ApiError::UnsupportedMediaType {
                expected: "one history as content-type: application/json, or a history a line as application/x-ndjson",
            }),
        }
    }
}
