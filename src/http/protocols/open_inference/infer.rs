//! The Open Inference Protocol's `infer`: profiles as a tensor in, states and outputs out.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use ndarray::{Array3, Axis};
use serde_json::json;

use super::error::InferenceError;
use super::message::{
    DATATYPE, INPUT, InferenceAnswer, InferenceRequest, OUTPUTS, Output, STATES, answer,
};
use super::served_model::{ServedModel, version_in_path};
use super::tensor::{Source, Tensor};
use crate::ApiError;
use crate::operation::{Answer, Operation, Tag, examples, json, parameters, raw};
use crate::request::RawBody;
use crate::state::{Answers, BlockingPool};
use microseg_access::Scope;
use microseg_model::{Batch, Model, Priority};
use microseg_problem::ProblemKind;
use microseg_timing::Timing;

pub(super) fn operations() -> [Operation; 2] {
    [
        at_model("/v2/models/{name}/infer").named("infer", Tag::Inference, SUMMARY),
        at_model("/v2/models/{name}/versions/{version}/infer")
            .named("infer_version", Tag::Inference, SUMMARY)
            .parameter(version_in_path()),
    ]
}

const SUMMARY: &str = "Run the network on profiles";

fn at_model(path: &'static str) -> Operation {
    Operation::post(path, Scope::Score, infer)
        .description(
            "Profiles `[B, T, K]` in, states `[B, T, H]` and outputs `[B, T, O]` out. By the binary extension numbers may \
            stand behind the JSON, in both directions: `inference-header-content-length` says how many bytes are JSON. A \
            model that reads more than shares takes no tensors: its metadata say what to use instead.",
        )
        .parameter(parameters::name())
        .body(json::<InferenceRequest>(examples::infer_request))
        .answer(
            Answer::new(
                200,
                "What the network made of them.",
                json::<InferenceAnswer>(examples::inference),
            )
            .or(raw("application/octet-stream", || {
                json!({
                    "schema": {"type": "string", "contentMediaType": "application/octet-stream"},
                    "example": "",
                })
            })),
        )
        .problems(&[
            ProblemKind::NotFound,
            ProblemKind::NotReady,
            ProblemKind::NetworkHung,
        ])
}

async fn infer(
    answers: Answers,
    State(pool): State<BlockingPool>,
    ServedModel(model): ServedModel,
    headers: HeaderMap,
    body: RawBody,
) -> Result<Response, ApiError> {
    let memory = answers.reserve(working_memory(&model, body.bytes().len()))?;
    let reader = model.clone();
    let read = pool
        .run(move || RunnableRequest::read(&reader, &headers, &body))
        .await?;
    let request = read?;
    let mut timing = Timing::default();
    let (states, outputs) = run(&model, request.profiles, &mut timing).await?;
    let wanted = [
        (STATES, request.states, states),
        (OUTPUTS, request.outputs, outputs),
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
    let written = pool
        .run({
            let (name, version) = (identity.name.clone(), identity.version.clone());
            move || answer((&name, &version), request.id.as_deref(), &wanted)
        })
        .await?;
    let answer = Answers::hold(written?, memory);
    Ok((Extension(timing), answer).into_response())
}

/// Memory for the numbers of a request and of its answer, in bytes: the body has at least two for each number.
fn working_memory(model: &Model, body: usize) -> usize {
    let manifest = model.manifest();
    let numbers = body / 2;
    let periods = numbers / manifest.classes.len().max(1);
    let answered = periods * (manifest.hidden_size() + manifest.outputs.len());
    // Twice as an array of FP32, since a vector grows by doubling; in the answer as arrays and as text.
    numbers * 8 + answered * 24
}

/// A request that can be run.
struct RunnableRequest {
    id: Option<String>,
    profiles: Array3<f32>,
    /// Whether they are requested, and whether as bytes.
    states: Option<bool>,
    outputs: Option<bool>,
}

impl RunnableRequest {
    fn read(model: &Model, headers: &HeaderMap, body: &RawBody) -> Result<Self, InferenceError> {
        if !model.reads_shares_alone() {
            return Err(InferenceError::NotProfiles);
        }
        let (mut request, behind) = InferenceRequest::read(headers, body.bytes())?;
        let (Some(input), true) = (request.inputs.pop(), request.inputs.is_empty()) else {
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
        let size = input.parameters.and_then(|one| one.binary_data_size);
        let (expected, found) = (size.unwrap_or(0), behind.len());
        if expected != found {
            return Err(InferenceError::Behind { expected, found });
        }
        let source = match (input.data, size) {
            (Some(_), Some(_)) => return Err(InferenceError::TwoSources),
            (Some(numbers), None) => Source::Json(numbers),
            (None, _) => Source::Bytes(behind),
        };
        let manifest = model.manifest();
        let classes = manifest.shape().numbers;
        let window = manifest.most_steps().unwrap_or(usize::MAX);
        let profiles = Tensor::of_profiles(&input.shape, source, classes, window)?;
        Ok(Self {
            profiles: profiles.into_array(),
            states: request.wants(STATES),
            outputs: request.wants(OUTPUTS),
            id: request.id,
        })
    }
}

/// Runs the sequences in batches whose size does not change the numbers: states and outputs of each.
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
