//! Course of a customer: the scoring of a history with the tables that say what it means, for the page of its explanation.

use std::sync::Arc;

use serde::de::IgnoredAny;
use serde_json::Value;
use uuid::Uuid;

use super::tables::{model_documents, value};
use crate::ApiError;
use crate::operation::RequiredScope;
use crate::request::Caller;
use crate::state::{Models, Records, StateTokens};
use microseg_access::Scope;
use microseg_encoding::History;
use microseg_model::{Model, RequestedModel};
use microseg_pages::{Course, ModelDocuments};
use microseg_scoring::score_again;
use microseg_store::KeptInput;
use microseg_timing::Timing;

/// Why a record's page has no course.
pub(crate) enum NoCourse {
    /// The key lacks the scope that a scoring needs.
    Scope,
    /// Only the digest of the input was kept.
    NotKept,
    /// What was kept is not what scorings are made of.
    OtherInput,
    /// The version of the model that explained is not loaded.
    NotLoaded,
}

impl NoCourse {
    /// The same in a sentence.
    pub(crate) fn note(&self) -> &'static str {
        match self {
            Self::Scope => {
                "The trajectory and the spending are not shown: they need a key with the scope `score`."
            }
            Self::NotKept => {
                "The trajectory and the spending are not shown: only the digest of the input was kept (the server's --keep-input)."
            }
            Self::OtherInput => {
                "The trajectory and the spending are not shown: they cannot be computed from what was kept of the input."
            }
            Self::NotLoaded => {
                "The trajectory and the spending are not shown: the model that explained is not loaded any more."
            }
        }
    }
}

/// The course of a history.
///
/// # Errors
/// [`ApiError`] when the network does not run.
pub(crate) async fn course(model: &Model, history: History) -> Result<Course, ApiError> {
    let totals = history.totals.to_json(model.encoder().taxonomy())?;
    let totals: Value = serde_json::from_slice(&totals)?;
    let scored = score_again(model, history, &mut Timing::default()).await?;
    let ModelDocuments {
        model,
        segments,
        attractors,
        ..
    } = model_documents(model)?;
    Ok(Course {
        scoring: value(scored.scoring)?,
        totals: Some(totals),
        model,
        segments,
        attractors,
    })
}

/// The course of what was kept with a record, for a caller who may score.
///
/// # Errors
/// [`ApiError`] when the record cannot be read, or the network does not run.
pub(crate) async fn of_record(
    caller: &Caller,
    (records, models, tokens): (&Records, &Models, &StateTokens),
    (id, record): (Uuid, &Value),
) -> Result<Result<Course, NoCourse>, ApiError> {
    if caller.check(RequiredScope::Scope(Scope::Score)).is_err() {
        return Ok(Err(NoCourse::Scope));
    }
    let recorded = records.store.record(id).await?;
    let kept = match recorded.map(|recorded| recorded.input) {
        Some(KeptInput::Digest) | None => return Ok(Err(NoCourse::NotKept)),
        Some(kept) => kept,
    };
    let Some(model) = model_of(models, record)? else {
        return Ok(Err(NoCourse::NotLoaded));
    };
    match restored(&model, tokens, &kept) {
        Some(history) => Ok(Ok(course(&model, history).await?)),
        None => Ok(Err(NoCourse::OtherInput)),
    }
}

/// The history in what was kept of an input; `None` where it is not one that can be scored.
fn restored(model: &Model, tokens: &StateTokens, kept: &KeptInput) -> Option<History> {
    match kept {
        KeptInput::Digest => None,
        KeptInput::Totals(kept) => model.encoder().restore_history(kept).ok(),
        KeptInput::History(request) => {
            let read = tokens.read_with::<IgnoredAny>(model, request, "explain");
            read.ok().map(|(history, _)| history)
        }
    }
}

/// The model that explained, if the same bundle is loaded.
fn model_of(models: &Models, record: &Value) -> Result<Option<Arc<Model>>, ApiError> {
    let member = |name: &str| record["model"][name].as_str();
    let requested = RequestedModel {
        name: member("name").map(str::to_owned),
        version: member("version").and_then(|version| version.parse().ok()),
    };
    let selected = match models.select(&requested) {
        Ok(model) => model,
        Err(ApiError::Choice(_) | ApiError::NotReady) => return Ok(None),
        Err(error) => return Err(error),
    };
    let is_same = member("sha256") == Some(selected.identity().sha256.as_str());
    Ok(is_same.then_some(selected))
}
