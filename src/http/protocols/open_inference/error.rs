//! Errors of the Open Inference Protocol, and their form in its answers.

use axum::response::{IntoResponse, Response};

use crate::ApiError;

/// Why an inference request was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum InferenceError {
    /// The header with the length of the JSON holds no such number.
    #[error("inference-header-content-length: expected how many bytes of the body are JSON")]
    HeaderLength,
    /// Not JSON, or not an inference request.
    #[error(
        "not an inference request at line {line}, column {column}: expected `inputs` as an array of tensors"
    )]
    Json {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// There is not exactly one input of the right name.
    #[error("inputs: expected one tensor, `profile`")]
    Inputs,
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

/// An error as this protocol answers it: with its text in `error`, too.
pub(super) struct Refused(ApiError);

impl<E: Into<ApiError>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        self.0.into_inference_response()
    }
}
