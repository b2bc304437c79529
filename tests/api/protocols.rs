//! KServe V1 and the Open Inference Protocol, above all their errors; tests/clients has the public clients.

use serde_json::{Value, json};

use test_support::client::problem;
use test_support::histories::{example, with_options};
use test_support::server::Server;
use test_support::shared_server::shared_server;

const MODEL: &str = "/v1/models/spending-personality";
const INFER: &str = "/v2/models/spending-personality/infer";

#[tokio::test]
async fn instances_are_scored_like_single_histories() {
    let server = shared_server();
    let single = server.ask("/v1/score", &example(), 200).await;
    let instances = json!({"instances": [example(), example()]});
    let predicted = server
        .ask(&format!("{MODEL}:predict"), &instances, 200)
        .await;
    assert_eq!(predicted, json!({"predictions": [single, single]}));
    let none = server
        .ask(&format!("{MODEL}:predict"), &json!({"instances": []}), 200)
        .await;
    assert_eq!(none, json!({"predictions": []}));
}

#[tokio::test]
async fn explained_instances_are_recorded() {
    let server = Server::start(&["--keep-input", "history"]);
    let asked = with_options(example(), json!({"samples": 128, "target": "openness"}));
    let instances = json!({"instances": [asked, asked]});
    let explained = server
        .ask(&format!("{MODEL}:explain"), &instances, 200)
        .await;
    for explanation in explained["explanations"].as_array().unwrap() {
        let path = format!("/v1/explanations/{}", explanation["id"].as_str().unwrap());
        let recorded: Value = server.get(&path).await.json().await.unwrap();
        assert_eq!(&recorded, explanation);
        server
            .ask(&format!("{path}/verify"), &Value::Null, 200)
            .await;
    }
}

#[tokio::test]
async fn bad_instance_is_refused_with_its_pointer() {
    let server = shared_server();
    let mut bad = example();
    bad["transactions"][1]["amount"] = "much".into();
    let instances = json!({"instances": [example(), bad]});
    for verb in ["predict", "explain"] {
        let path = format!("{MODEL}:{verb}");
        let refused = problem(server.post(&path, instances.to_string()).await, 422).await;
        assert_eq!(
            refused["errors"][0]["pointer"],
            "/instances/1/transactions/1/amount"
        );
        for (body, status) in [("{}", 422), (r#"{"instances": 7}"#, 422), ("{", 400)] {
            problem(server.post(&path, body).await, status).await;
        }
    }
    for (path, status) in [
        ("/v1/models/unknown:predict", 404),
        ("/v1/models/spending-personality:train", 404),
        // This path is a model, which has no POST.
        ("/v1/models/spending-personality", 405),
        ("/v1/models/spending-personality:predict?version=9", 404),
    ] {
        let response = server.post(path, instances.to_string()).await;
        problem(response, status).await;
    }
}

#[tokio::test]
async fn invalid_inference_request_is_refused() {
    let server = shared_server();
    let profile = vec![0.0; 97];
    let good = json!({"inputs": [{"name": "profile", "datatype": "FP32", "shape": [1, 1, 97], "data": profile}]});
    let answer = server.ask(INFER, &good, 200).await;
    assert_eq!(answer["outputs"][0]["shape"], json!([1, 1, 8]));
    let with = |pointer: &str, value: Value| {
        let mut request = good.clone();
        *request.pointer_mut(pointer).unwrap() = value;
        request
    };
    for request in [
        json!({}),
        json!({"inputs": []}),
        with("/inputs/0/name", "history".into()),
        with("/inputs/0/datatype", "FP64".into()),
        with("/inputs/0/shape", json!([97])),
        with("/inputs/0/shape", json!([1, 7, 97])),
        with(
            "/inputs/0/shape",
            json!([4_611_686_018_427_387_904_u64, 6, 97]),
        ),
        with("/inputs/0/data", json!([1.0])),
        with("/inputs/0/data", json!([[[0.5], [0.5]]])),
        with("/inputs/0/data", Value::Null),
    ] {
        let refused = problem(server.post(INFER, request.to_string()).await, 422).await;
        // Clients of this protocol read the member `error`.
        assert_eq!(refused["error"], refused["detail"], "{request}");
    }
    let mut selecting = good.clone();
    selecting["outputs"] = json!([{"name": "outputs"}]);
    let answer = server.ask(INFER, &selecting, 200).await;
    assert_eq!(answer["outputs"].as_array().unwrap().len(), 1);
    selecting["outputs"] = json!([{"name": "logits"}]);
    problem(server.post(INFER, selecting.to_string()).await, 422).await;
    let missing = "/v2/models/spending-personality/versions/9/infer";
    problem(server.post(missing, good.to_string()).await, 404).await;
}
