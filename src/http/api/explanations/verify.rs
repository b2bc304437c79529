//! Verification of a recorded explanation: computed again, and compared bit for bit.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use schemars::JsonSchema;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::id::ExplanationId;
use crate::ApiError;
use crate::operation::{Answer, Operation, Tag, examples, json, parameters};
use crate::state::{Account, Bodies, Explainer, Models, OfCaller, StateTokens, Telemetry};
use microseg_access::Scope;
use microseg_explain::{VerifyError, verify};
use microseg_model::{Model, RequestedModel};
use microseg_problem::ProblemKind;
use microseg_store::{KeptInput, RecordWithInput, StoreError};
use microseg_timing::Timing;

pub(super) fn operation() -> Operation {
    Operation::post("/v1/explanations/{id}/verify", Scope::Explain, verify_one)
        .named(
            "verify_explanation",
            Tag::Explanations,
            "Compute an explanation again",
        )
        .description(
            "From what was kept of its input, by the version of the model that made it, and compares bit for bit.",
        )
        .parameter(parameters::id("The explanation's id."))
        .answer(Answer::new(
            200,
            "The same numbers, bit for bit.",
            json::<Agreement>(examples::agreement),
        ))
        .problems(&[
            ProblemKind::NotFound,
            ProblemKind::Disagreement,
            ProblemKind::NotVerifiable,
            ProblemKind::RecordAltered,
            ProblemKind::NotReady,
            ProblemKind::NetworkHung,
            ProblemKind::StoreUnavailable,
        ])
}

/// The model that explained.
#[derive(Deserialize)]
struct RecordedBy {
    model: RecordedModel,
}

#[derive(Deserialize)]
struct RecordedModel {
    name: String,
    version: String,
}

/// The answer when everything is the same; else it is a problem.
#[derive(JsonSchema, Serialize)]
struct Agreement {
    /// The explanation's id.
    id: Uuid,
    /// Always `true`.
    agrees: bool,
}

async fn verify_one(
    OfCaller(explainer): OfCaller<Explainer>,
    OfCaller(tokens): OfCaller<StateTokens>,
    State(telemetry): State<Telemetry>,
    State(models): State<Models>,
    bodies: Bodies,
    account: Account,
    ExplanationId(id): ExplanationId,
) -> Result<Response, ApiError> {
    let _admitted = explainer.admit(&account)?;
    let recorded = explainer.records.store.record(id).await?;
    let mut recorded = recorded.ok_or(ApiError::NoSuchExplanation)?;
    let altered = recorded.altered.take();
    let verified = verify_record(&explainer, (&models, tokens), &bodies, &account, recorded).await;
    let timing = match (altered, verified) {
        (None, verified) => verified?,
        (Some(broken), verified) => {
            telemetry.metrics().records_altered(1);
            return Err(match verified {
                // It says more: where the record was altered.
                Err(ApiError::Disagreement(differences)) => ApiError::Disagreement(differences),
                _ => ApiError::Store(StoreError::Altered(broken)),
            });
        }
    };
    let agreement = Agreement { id, agrees: true };
    Ok((Extension(timing), Json(agreement)).into_response())
}

/// Computes a record again; an error unless every number is the same.
async fn verify_record(
    explainer: &Explainer,
    (models, tokens): (&Models, StateTokens),
    bodies: &Bodies,
    account: &Account,
    recorded: RecordWithInput,
) -> Result<Timing, ApiError> {
    let RecordWithInput {
        document: record,
        input,
        ..
    } = recorded;
    let model = model_of(models, &record)?;
    let size = match &input {
        KeptInput::Digest => 0,
        KeptInput::Totals(kept) | KeptInput::History(kept) => kept.len(),
    };
    let memory = bodies.reserve(size)?;
    let work = move |mut timing: Timing| async move {
        let _memory = memory;
        let unreadable = "what was kept of its input does not fit the model that is loaded";
        let history = match input {
            KeptInput::Digest => {
                return Err(ApiError::NotVerifiable(
                    "only the digest of its input was kept: see the server's --keep-input",
                ));
            }
            KeptInput::Totals(kept) => {
                let history = model.encoder().restore_history(&kept);
                history.map_err(|error| {
                    tracing::warn!(%error, "kept input cannot be read");
                    ApiError::NotVerifiable(unreadable)
                })?
            }
            KeptInput::History(request) => {
                let read = tokens.read_with::<IgnoredAny>(&model, &request, "explain");
                let (history, _) = read.map_err(|_| ApiError::NotVerifiable(unreadable))?;
                history
            }
        };
        let verified = verify(&model, &history, &record, &mut timing).await;
        let verification = verified.map_err(|error| match error {
            VerifyError::Unreadable(error) => ApiError::Document(error),
            VerifyError::Explain(error) => ApiError::Explain(error),
        })?;
        Ok((verification, timing))
    };
    let (verification, timing) = explainer.compute(account, work, Timing::default()).await?;
    if !verification.agrees {
        return Err(ApiError::Disagreement(verification.differences));
    }
    Ok(timing)
}

/// The version that explained, as it is loaded now.
fn model_of(models: &Models, record: &[u8]) -> Result<Arc<Model>, ApiError> {
    let RecordedBy { model } = serde_json::from_slice(record)?;
    let requested = RequestedModel {
        name: Some(model.name),
        version: model.version.parse().ok(),
    };
    models.select(&requested).map_err(|error| match error {
        ApiError::Choice(_) => {
            ApiError::NotVerifiable("the version of the model that explained is not loaded")
        }
        error => error,
    })
}
