//! Protocols that platforms and their clients speak: KServe V1 on histories, and the Open Inference Protocol on profiles.

mod inference;
mod kserve;
mod message;
mod metadata;
mod object;
mod tensor;

pub(super) use kserve::{Predictions, VERB_METHODS, act, methods_of};
pub(super) use message::{InferenceAnswer, InferenceRequest};
pub(super) use metadata::{Live, Metadata, Ready, Server, ServerReady};
pub use tensor::InferenceError;

use axum::Router;

use super::App;

pub(super) fn router() -> Router<App> {
    Router::new()
        .merge(metadata::router())
        .merge(inference::router())
}
