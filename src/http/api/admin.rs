//! `POST /v1/admin/reload`: another look into the folder of models, as at SIGHUP.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;

use crate::ApiError;
use crate::operation::{Answer, Operation, RequiredScope, Tag, examples, json};
use crate::state::Models;
use microseg_access::Scope;
use microseg_model::{Change, DirectoryError, Outcome};
use microseg_problem::ProblemKind;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::post("/v1/admin/reload", RequiredScope::WholeServer(Scope::Admin), reload)
            .named(
                "reload_models",
                Tag::Operations,
                "Look into the folder of models again",
            )
            .description(
                "As SIGHUP does. A bundle that does not load is refused, and what it would have replaced goes on serving. A wrong \
                 `models.toml` is refused, too, and then nothing changes.",
            )
            .answer(Answer::new(
                200,
                "What became of every bundle.",
                json::<Reloaded>(examples::reloaded),
            ))
            .problems(&[ProblemKind::BundleRefused, ProblemKind::NotReady]),
    ]
}

/// What became of every bundle.
#[derive(JsonSchema, Serialize)]
struct Reloaded {
    /// Every bundle that is or was served.
    bundles: Vec<Bundle>,
}

/// What became of one bundle.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "ReloadedBundle")]
struct Bundle {
    /// The model's name.
    name: String,
    /// The version, a whole number.
    version: String,
    /// Of the network that serves now; `null` when none does.
    sha256: Option<String>,
    /// `kept`, `loaded`, `replaced` or `removed`.
    outcome: &'static str,
}

async fn reload(State(models): State<Models>) -> Result<Response, ApiError> {
    let changes = models.reload().await.map_err(refused_file)?;
    let refused: Vec<String> = changes.iter().filter_map(refusal).collect();
    if !refused.is_empty() {
        return Err(ApiError::BundleRefused(refused));
    }
    let bundles = changes.into_iter().map(Bundle::of).collect();
    Ok(Json(Reloaded { bundles }).into_response())
}

/// A `models.toml` that names no default is the operator's mistake, and no fault of the server.
fn refused_file(error: ApiError) -> ApiError {
    match error {
        ApiError::Directory(error @ DirectoryError::Default(_)) => {
            tracing::error!(%error, "the models stay as they were");
            ApiError::BundleRefused(vec!["models.toml".to_owned()])
        }
        error => error,
    }
}

fn refusal(change: &Change) -> Option<String> {
    match &change.outcome {
        Outcome::Refused(_) => Some(format!("{} version {}", change.name, change.version)),
        _ => None,
    }
}

fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Kept => "kept",
        Outcome::Loaded => "loaded",
        Outcome::Replaced => "replaced",
        Outcome::Removed => "removed",
        Outcome::Refused(_) => "refused",
    }
}

impl Bundle {
    fn of(change: Change) -> Self {
        Self {
            outcome: word(&change.outcome),
            name: change.name,
            version: change.version.to_string(),
            sha256: change.sha256,
        }
    }
}
