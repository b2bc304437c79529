//! The Open Inference Protocol's `infer`: profiles as a tensor in, states and outputs out.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Extension, Router};
use ndarray::{Array3, Axis};

use super::message::{DATATYPE, InferenceRequest, Output, answer};
use super::metadata::{INPUT, OUTPUTS, STATES, ServedModel};
use super::tensor::{InferenceError, Source, Tensor};
use crate::body::RawBody;
use crate::{ApiError, App};
use microseg_model::{Batch, Model, Priority};
use microseg_timing::Timing;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/v2/models/{name}/infer", post(infer))
        .route("/v2/models/{name}/versions/{version}/infer", post(infer))
}

/// The errors of this protocol carry their text in `error`, too.
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

async fn infer(
    State(app): State<App>,
    model: Result<ServedModel, ApiError>,
    headers: HeaderMap,
    body: Result<RawBody, ApiError>,
) -> Result<Response, Refused> {
    let (ServedModel(model), body) = (model?, body?);
    let reader = model.clone();
    let read = app
        .aside(move || Asked::read(&reader, &headers, &body))
        .await?;
    let asked = read?;
    let mut timing = Timing::default();
    let (states, outputs) = run(&model, asked.profiles, &mut timing).await?;
    let wanted = [
        (STATES, asked.states, states),
        (OUTPUTS, asked.outputs, outputs),
    ];
    let wanted: Vec<Output> = wanted
        .into_iter()
        .filter_map(|(name, wanted, runs)| {
            wanted.map(|binary| Output {
                name,
                tensor: Tensor::of_runs(&runs),
                binary,
            })
        })
        .collect();
    let identity = model.identity();
    let written = app
        .aside({
            let (name, version) = (identity.name.clone(), identity.version.clone());
            move || answer((&name, &version), asked.id.as_deref(), &wanted)
        })
        .await?;
    Ok((Extension(timing), written.map_err(ApiError::from)?).into_response())
}

/// A request that can be run.
struct Asked {
    id: Option<String>,
    profiles: Array3<f32>,
    /// Whether they are wanted, and whether as bytes.
    states: Option<bool>,
    outputs: Option<bool>,
}

impl Asked {
    fn read(model: &Model, headers: &HeaderMap, body: &RawBody) -> Result<Self, InferenceError> {
        let (request, behind) = InferenceRequest::read(headers, body.bytes())?;
        let [input] = request.inputs.as_slice() else {
            return Err(InferenceError::Inputs);
        };
        if input.name != INPUT {
            return Err(InferenceError::Inputs);
        }
        if input.datatype != DATATYPE {
            return Err(InferenceError::Datatype);
        }
        let known = |name: &str| [STATES, OUTPUTS].contains(&name);
        let mut wanted = request.outputs.iter().flatten();
        if !wanted.all(|output| known(&output.name)) {
            return Err(InferenceError::Output);
        }
        let source = match (&input.data, input.parameters.binary_data_size) {
            (Some(numbers), None) => Source::Json(numbers),
            // Where the sizes differ, so do the numbers and the shape.
            (None, Some(size)) => Source::Bytes(behind.get(..size).unwrap_or_default()),
            _ => Source::Bytes(&[]),
        };
        let manifest = model.manifest();
        let (classes, window) = (manifest.classes.len(), manifest.window);
        let profiles = Tensor::of_profiles(&input.shape, source, classes, window)?;
        Ok(Self {
            profiles: profiles.into_array(),
            states: request.wants(STATES),
            outputs: request.wants(OUTPUTS),
            id: request.id,
        })
    }
}

/// Runs the sequences in batches that change nobody's numbers: states and outputs of each.
async fn run(
    model: &Arc<Model>,
    profiles: Array3<f32>,
    timing: &mut Timing,
) -> Result<(Vec<Array3<f32>>, Vec<Array3<f32>>), ApiError> {
    let limit = model.batch_limit(profiles.len_of(Axis(1)));
    let (mut states, mut outputs) = (Vec::new(), Vec::new());
    for sequences in profiles.axis_chunks_iter(Axis(0), limit) {
        let run = model
            .run(Priority::Bulk, Batch::new(sequences.to_owned()))
            .await?;
        timing.queue += run.queue;
        timing.network += run.network;
        states.push(run.trajectories.states);
        outputs.push(run.trajectories.outputs);
    }
    Ok((states, outputs))
}
