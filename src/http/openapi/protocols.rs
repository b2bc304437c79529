//! The protocols of others: KServe V1, and the Open Inference Protocol.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::examples;
use super::explanations::{Recorded, Request};
use super::operation::Operation;
use super::parameters::{name, version, version_in_path};
use super::schemas::Schemas;
use crate::needs::Need;
use crate::protocols::{
    InferenceAnswer, InferenceRequest, Live, Metadata, Predictions, Ready, Server, ServerReady,
};
use microseg_history::HistorySchema;
use microseg_problem::ProblemKind;

const KSERVE: &str = "kserve";
const INFERENCE: &str = "inference";

/// Histories to score.
#[derive(JsonSchema)]
#[schemars(rename = "PredictRequest")]
#[expect(dead_code, reason = "only its schema is used")]
struct HistoryInstances {
    /// Histories as `/v1/score` takes them.
    instances: Vec<HistorySchema>,
}

/// Histories to explain.
#[derive(JsonSchema)]
#[schemars(rename = "ExplainRequest")]
#[expect(dead_code, reason = "only its schema is used")]
struct ExplanationInstances {
    /// Histories as `/v1/explain` takes them, each with what is asked about it.
    instances: Vec<Request>,
}

/// An explanation for each instance.
#[derive(JsonSchema, Serialize)]
struct Explanations {
    /// In the order of the instances; each is recorded.
    explanations: Vec<Recorded>,
}

pub(super) fn operations(schemas: &mut Schemas) -> Vec<Operation> {
    let mut operations = vec![predict(schemas), explain(schemas)];
    operations.extend(server(schemas));
    let places = [
        ["/v2/models/{name}", "get_model_metadata"],
        [
            "/v2/models/{name}/versions/{version}",
            "get_version_metadata",
        ],
    ];
    for [path, id] in places {
        let summary = "The tensors of a model, and its versions";
        let metadata = schemas.answer::<Metadata>(examples::metadata());
        operations.push(
            at_model(Operation::new(("GET", path), id, INFERENCE, summary)).answers_json(
                200,
                "What it takes and gives.",
                metadata,
            ),
        );
    }
    let places = [
        ["/v2/models/{name}/ready", "get_model_ready"],
        [
            "/v2/models/{name}/versions/{version}/ready",
            "get_version_ready",
        ],
    ];
    for [path, id] in places {
        let summary = "Whether a model is served";
        let ready = schemas.answer::<Ready>(json!({"name": "spending-personality", "ready": true}));
        operations.push(
            at_model(Operation::new(("GET", path), id, INFERENCE, summary))
                .answers_json(200, "It is.", ready),
        );
    }
    let places = [
        ["/v2/models/{name}/infer", "infer"],
        [
            "/v2/models/{name}/versions/{version}/infer",
            "infer_version",
        ],
    ];
    for [path, id] in places {
        operations.push(infer(schemas, path, id));
    }
    operations
}

fn predict(schemas: &mut Schemas) -> Operation {
    let instances = json!({"instances": [examples::score_request()]});
    let predictions = json!({"predictions": [examples::scoring()]});
    of_instances(
        Operation::new(
            ("POST", "/v1/models/{name}:predict"),
            "predict",
            KSERVE,
            "Score histories",
        )
        .needs(Need::PREDICT),
        schemas.request::<HistoryInstances>(instances),
        "The scorings, in the order of the instances.",
        schemas.answer::<Predictions>(predictions),
    )
}

fn explain(schemas: &mut Schemas) -> Operation {
    let instances = json!({"instances": [examples::explain_request()]});
    let explanations = json!({"explanations": [examples::explanation()]});
    of_instances(
        Operation::new(
            ("POST", "/v1/models/{name}:explain"),
            "explain_instances",
            KSERVE,
            "Explain histories",
        )
        .needs(Need::EXPLAIN),
        schemas.request::<ExplanationInstances>(instances),
        "The explanations, in the order of the instances.",
        schemas.answer::<Explanations>(explanations),
    )
    .fails(&[ProblemKind::ErasedMeanwhile, ProblemKind::StoreUnavailable])
}

fn of_instances(operation: Operation, request: Value, says: &str, answer: Value) -> Operation {
    operation
        .says("One bad instance refuses the request: the pointer says which, and where in it.")
        .takes(name())
        .takes(version())
        .reads("application/json", request)
        .answers_json(200, says, answer)
        .fails(&[
            ProblemKind::NotFound,
            ProblemKind::UnsupportedMediaType,
            ProblemKind::NotReady,
        ])
}

fn server(schemas: &mut Schemas) -> [Operation; 3] {
    let operation = |path, id, summary| Operation::new(("GET", path), id, INFERENCE, summary);
    let server = schemas.answer::<Server>(json!({
        "name": "microseg",
        "version": env!("CARGO_PKG_VERSION"),
        "extensions": ["binary_tensor_data"],
    }));
    let live = schemas.answer::<Live>(json!({"live": true}));
    let ready = schemas.answer::<ServerReady>(json!({"ready": true}));
    let mut not_ready = ready.clone();
    not_ready["example"] = json!({"ready": false});
    [
        operation("/v2", "get_server_metadata", "What the server is").answers_json(
            200,
            "Its name, version and extensions.",
            server,
        ),
        operation(
            "/v2/health/live",
            "get_server_live",
            "Whether the process answers",
        )
        .answers_json(200, "It does.", live),
        operation(
            "/v2/health/ready",
            "get_server_ready",
            "Whether the server takes work",
        )
        .answers_json(200, "It does.", ready)
        .answers_json(503, "Not yet, or no more.", not_ready),
    ]
}

fn at_model(operation: Operation) -> Operation {
    let has_version = operation.path.contains("{version}");
    let operation = operation
        .takes(name())
        .of_inference()
        .fails(&[ProblemKind::NotFound, ProblemKind::NotReady]);
    if has_version {
        operation.takes(version_in_path())
    } else {
        operation
    }
}

fn infer(schemas: &mut Schemas, path: &'static str, id: &'static str) -> Operation {
    let summary = "Run the network on profiles";
    let bytes = json!({
        "schema": {"type": "string", "contentMediaType": "application/octet-stream"},
        "example": "",
    });
    at_model(Operation::new(("POST", path), id, INFERENCE, summary))
        .says(
            "Profiles `[B, T, K]` in, states `[B, T, H]` and outputs `[B, T, O]` out. By the binary extension numbers may \
            stand behind the JSON, in both directions: `inference-header-content-length` says how many bytes are JSON.",
        )
        .reads(
            "application/json",
            schemas.request::<InferenceRequest>(examples::infer_request()),
        )
        .answers_json(
            200,
            "What the network made of them.",
            schemas.answer::<InferenceAnswer>(examples::inference()))
        .answers(200, "", Some(("application/octet-stream", bytes)))
}
