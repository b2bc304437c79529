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

/// A request for one customer's profile of one period, all of it in one class.
fn infer_request() -> Value {
    let mut profile = vec![0.0; 97];
    profile[0] = 1.0;
    json!({"inputs": [{"name": "profile", "datatype": "FP32", "shape": [1, 1, 97], "data": profile}]})
}

#[tokio::test]
async fn null_is_absent_everywhere_in_an_inference_request() {
    let server = shared_server();
    let plain = server.ask(INFER, &infer_request(), 200).await;
    let mut request = infer_request();
    request["id"] = Value::Null;
    request["parameters"] = Value::Null;
    request["inputs"][0]["parameters"] = Value::Null;
    request["outputs"] = Value::Null;
    assert_eq!(server.ask(INFER, &request, 200).await, plain);
    request["parameters"] = json!({"binary_data_output": null});
    request["inputs"][0]["parameters"] = json!({"binary_data_size": null});
    let output = |name: &str, parameters: Value| json!({"name": name, "parameters": parameters});
    request["outputs"] = json!([
        output("states", Value::Null),
        output("outputs", json!({"binary_data": null}))
    ]);
    assert_eq!(server.ask(INFER, &request, 200).await, plain);
}

#[tokio::test]
async fn share_that_rounding_made_larger_than_one_is_taken() {
    let server = shared_server();
    let mut request = infer_request();
    request["inputs"][0]["data"][0] = json!(1.000_000_1);
    server.ask(INFER, &request, 200).await;
    request["inputs"][0]["data"][0] = json!(1.1);
    server.ask(INFER, &request, 422).await;
}

#[tokio::test]
async fn bytes_behind_the_json_are_those_that_the_tensor_announces() {
    let server = shared_server();
    let mut request = infer_request();
    let profile: Vec<u8> = [vec![0, 0, 0x80, 0x3f], vec![0; 96 * 4]].concat();
    let input = request["inputs"][0].as_object_mut().unwrap();
    input.remove("data");
    input.insert("parameters".to_owned(), json!({"binary_data_size": 388}));
    let send = async |request: &Value, behind: &[u8]| {
        let json = request.to_string();
        let length = json.len();
        let sent = server.post_as(
            INFER,
            "application/octet-stream",
            [json.as_bytes(), behind].concat(),
        );
        let sent = sent.header("inference-header-content-length", length);
        sent.send().await.unwrap()
    };
    assert_eq!(send(&request, &profile).await.status(), 200);
    for surplus in [1, 4, 388] {
        let behind = [&profile[..], &vec![0; surplus]].concat();
        let refused = problem(send(&request, &behind).await, 422).await;
        let detail = refused["detail"].as_str().unwrap();
        assert!(detail.contains("expected 388"), "{detail}");
    }
    problem(send(&request, &profile[..384]).await, 422).await;
    // Numbers in the JSON need none behind it.
    problem(send(&infer_request(), &profile).await, 422).await;
    assert_eq!(send(&infer_request(), &[]).await.status(), 200);
}

#[tokio::test]
async fn malformed_inference_request_is_told_what_is_malformed() {
    let server = shared_server();
    let with = |pointer: &str, value: Value| {
        let mut request = infer_request();
        *request.pointer_mut(pointer).unwrap() = value;
        request.to_string()
    };
    let mut named = infer_request();
    named["id"] = json!(5);
    for (body, expected) in [
        (named.to_string(), "id: expected a string or null"),
        (
            with("/inputs/0/shape", json!([-1, 1, 97])),
            "inputs/0/shape/0: expected a whole number from 0",
        ),
        (
            with("/inputs/0/data", json!(["secret"])),
            "inputs/0/data/0: expected a number or an array of numbers",
        ),
        (
            with("/inputs/0/datatype", json!("BYTES")),
            "inputs/0/datatype: expected FP32",
        ),
        (
            infer_request().to_string().replace("1.0", "NaN"),
            "inputs/0/data/0: not JSON",
        ),
        (
            r#"{"inputs": [{}]}"#.to_owned(),
            "inputs/0: `name` is missing",
        ),
        (String::new(), "the JSON ends too early"),
    ] {
        let refused = problem(server.post(INFER, body).await, 422).await;
        let detail = refused["detail"].as_str().unwrap();
        assert!(detail.starts_with(expected), "{detail}");
        assert_eq!(refused["error"], refused["detail"]);
        assert!(!detail.contains("secret"), "{detail}");
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
