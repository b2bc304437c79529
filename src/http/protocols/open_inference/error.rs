//! Errors of the Open Inference Protocol, and their form in its answers.

use axum::body::Body;
use axum::http::header;
use axum::response::Response;
use serde::Serialize;

use super::fault::MessageFault;
use crate::ApiError;
use microseg_problem::Problem;

/// Why an inference request was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum InferenceError {
    /// The header with the length of the JSON holds no such number.
    #[error("inference-header-content-length: expected how many bytes of the body are JSON")]
    HeaderLength,
    /// Not JSON, or not an inference request.
    #[error(transparent)]
    Message(#[from] MessageFault),
    /// There is not exactly one input of the right name.
    #[error("inputs: expected one tensor, `profile`")]
    Inputs,
    /// The network reads no profiles.
    #[error(
        "the model takes no tensors, since it reads more of a history than the shares of periods: send histories to \
         /v1/models/NAME:predict, or to /v1/score"
    )]
    NotProfiles,
    /// Numbers of another type.
    #[error("inputs/0/datatype: expected FP32")]
    Datatype,
    /// Not sequences of profiles.
    #[error("inputs/0/shape: expected [B, T, {classes}] with B from 1 and T from 1 to {window}")]
    Shape {
        /// How many classes the model has.
        classes: usize,
        /// How many periods it looks back.
        window: usize,
    },
    /// Too few or too many numbers, or none.
    #[error(
        "inputs/0/data: expected {expected} numbers, as the shape says, or as many times 4 bytes behind the JSON"
    )]
    Length {
        /// By the shape.
        expected: usize,
    },
    /// Numbers in two places.
    #[error("inputs/0: expected `data` or `binary_data_size`, and not both")]
    TwoSources,
    /// More or fewer bytes behind the JSON than the tensors say.
    #[error("{found} bytes stand behind the JSON: expected {expected}, by `binary_data_size`")]
    Behind {
        /// By the tensors, in bytes.
        expected: usize,
        /// In bytes.
        found: usize,
    },
    /// Numbers that are no shares.
    #[error(
        "inputs/0/data: expected shares from 0 to 1 that add up to 1 in each period, or to 0 without spending"
    )]
    Shares,
    /// An output that the model does not have.
    #[error("outputs: expected `states` or `outputs`")]
    Output,
}

impl From<InferenceError> for ApiError {
    fn from(error: InferenceError) -> Self {
        Self::InvalidContent(error.to_string())
    }
}

/// A problem with its detail once more, where clients of this protocol look for it.
#[derive(Serialize)]
struct InferenceProblem<'a> {
    #[serde(flatten)]
    problem: &'a Problem,
    error: &'a str,
}

/// Whether an address is one of this protocol, known or not.
pub(crate) fn is_inference(path: &str) -> bool {
    let below = path.strip_prefix("/v2");
    below.is_some_and(|below| below.is_empty() || below.starts_with('/'))
}

/// The same answer; a problem gets the form that clients of this protocol read.
pub(crate) fn inference_answer(mut response: Response) -> Response {
    let Some(problem) = response.extensions_mut().remove::<Problem>() else {
        return response;
    };
    let document = InferenceProblem {
        error: problem.detail(),
        problem: &problem,
    };
    let Ok(text) = serde_json::to_vec(&document) else {
        return response;
    };
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response.map(|_| Body::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_below_v2_are_those_of_the_protocol() {
        for path in ["/v2", "/v2/", "/v2/nothing", "/v2/models/x/infer"] {
            assert!(is_inference(path), "{path}");
        }
        for path in ["/", "/v1/score", "/v20", "/v1/v2"] {
            assert!(!is_inference(path), "{path}");
        }
    }
}
