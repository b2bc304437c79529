//! Networks with a description of what they read: built into bundles of schema 3, served, and held against PyTorch's numbers.

use std::fs;

use serde_json::{Value, json};

use test_support::command::{documents, expect_failure, lines, microseg, succeeded};
use test_support::described_networks::{Built, cases, folder};
use test_support::server::Server;

/// The last one is an encoder of pytorch-lifestream.
const NETWORKS: [&str; 4] = ["monthly-lstm", "event-gru", "event-lstm-2", "lifestream"];

/// How far a number may lie from PyTorch's.
const TOLERANCE: f64 = 1e-5;

/// The names of a network's outputs, in their order.
fn outputs(network: &str) -> Vec<String> {
    let description = fs::read(folder(network).join("network.json")).unwrap();
    let description: Value = serde_json::from_slice(&description).unwrap();
    serde_json::from_value(description["outputs"].clone()).unwrap()
}

fn assert_near(found: &Value, expected: &Value, what: &str) {
    let (found, expected) = (found.as_array().unwrap(), expected.as_array().unwrap());
    assert_eq!(found.len(), expected.len(), "{what}");
    for (found, expected) in found.iter().zip(expected) {
        let difference = found.as_f64().unwrap() - expected.as_f64().unwrap();
        assert!(difference.abs() <= TOLERANCE, "{what}: {found} {expected}");
    }
}

fn last(rows: &Value) -> &Value {
    rows.as_array().unwrap().last().unwrap()
}

#[tokio::test]
async fn described_networks_give_pytorchs_numbers_for_raw_histories() {
    let built = Built::new();
    for network in NETWORKS {
        succeeded(&built.command(network).output().unwrap());
    }
    let models = built.models();
    let server = Server::start_on(&models, &[]);
    for network in NETWORKS {
        let cases = cases(network);
        assert!(cases.len() >= 6, "{network}");
        let outputs = outputs(network);
        for case in &cases {
            let path = format!("/v1/score?model={network}");
            let scoring = server.ask(&path, &case["history"], 200).await;
            let what = format!("{network}, {}", case["name"]);
            assert_near(&scoring["features"]["state"], last(&case["states"]), &what);
            let outputs = outputs.iter().map(|name| &scoring["traits"][name]);
            let outputs: Value = outputs.cloned().collect();
            assert_near(&outputs, last(&case["outputs"]), &what);
        }
        // The same in a batch of lines, and on the command line.
        let histories = cases.iter().map(|case| case["history"].to_string());
        let input = histories.collect::<Vec<_>>().join("\n");
        let file = built.folder.path().join(format!("{network}.ndjson"));
        fs::write(&file, &input).unwrap();
        let mut score = microseg();
        score
            .arg("score")
            .arg(&file)
            .args(["--model", network, "--models"])
            .arg(&models);
        let scored = documents(&lines(&score.output().unwrap()));
        assert_eq!(scored.len(), cases.len(), "{network}");
        for (scored, case) in scored.iter().zip(&cases) {
            let path = format!("/v1/score?model={network}");
            let alone = server.ask(&path, &case["history"], 200).await;
            assert_eq!(
                scored["features"], alone["features"],
                "{network}, {}",
                case["name"]
            );
        }
        let model = server.get_json(&format!("/v1/models/{network}")).await;
        assert_eq!(model["encoding_verified"], true);
        assert!(model["inputs"]["numbers"].is_array());
    }
    server.end();
}

#[tokio::test]
async fn bundle_without_a_history_among_its_golden_cases_says_that_its_encoding_is_not_verified() {
    for has_golden in [true, false] {
        let built = Built::new();
        let mut command = if has_golden {
            built.command("event-gru")
        } else {
            built.command_without_golden("event-gru")
        };
        let said = succeeded(&command.output().unwrap()).join("\n");
        let folder = built.models().join("event-gru/1");
        let card = fs::read_to_string(folder.join("MODEL_CARD.md")).unwrap();
        let mut check = microseg();
        check.args(["model", "check"]).arg(&folder);
        let checked = String::from_utf8(check.output().unwrap().stdout).unwrap();
        for text in [said, card.clone(), checked] {
            let says = text.contains("encoding is not verified: no golden case has a history");
            assert_eq!(says, !has_golden, "{text}");
        }
        let histories = cases("event-gru").len();
        let verified =
            format!("The encoding is verified: the histories of {histories} golden cases");
        assert_eq!(card.contains(&verified), has_golden, "{card}");
        let server = Server::start_on(&built.models(), &[]);
        let model = server.get_json("/v1/models/event-gru").await;
        assert_eq!(model["encoding_verified"], has_golden);
        server.end();
    }
}

#[tokio::test]
async fn order_in_which_events_are_listed_changes_no_byte() {
    let built = Built::new();
    succeeded(&built.command("event-gru").output().unwrap());
    let models = built.models();
    let server = Server::start_on(&models, &[]);
    for case in cases("event-gru") {
        let mut history = case["history"].clone();
        let forwards = server.ask("/v1/score", &history, 200).await;
        history["transactions"].as_array_mut().unwrap().reverse();
        let backwards = server.ask("/v1/score", &history, 200).await;
        assert_eq!(forwards, backwards, "{}", case["name"]);
    }
    server.end();
}

#[tokio::test]
async fn request_that_a_described_network_cannot_answer_is_refused_with_the_reason() {
    let built = Built::new();
    succeeded(&built.command("event-gru").output().unwrap());
    let models = built.models();
    let server = Server::start_on(&models, &[]);
    let tensors = json!({"inputs": [{"name": "profile", "shape": [1, 1, 1], "datatype": "FP32", "data": [1.0]}]});
    let refused = server
        .ask("/v2/models/event-gru/infer", &tensors, 422)
        .await;
    let error = refused["error"].as_str().unwrap();
    assert!(error.contains("/v1/score"), "{refused}");
    assert_eq!(refused["error"], refused["detail"]);

    let metadata = server.get_json("/v2/models/event-gru").await;
    assert_eq!(metadata["inputs"], json!([]));
    assert_eq!(metadata["outputs"], json!([]));
    let instead = metadata["parameters"]["instead"].as_str().unwrap();
    let instances = json!({"instances": [cases("event-gru")[0]["history"]]});
    let scored = server.ask(instead, &instances, 200).await;
    assert_eq!(scored["predictions"].as_array().unwrap().len(), 1);
    server.end();
}

#[test]
fn network_that_is_not_as_described_is_refused_by_name() {
    let built = Built::new();
    for (network, words) in [
        ("wrong/vocabulary-shifted", "class of step"),
        ("wrong/transform-changed", "amount of step"),
        (
            "wrong/wrong-state-size",
            "Expected hidden size (1, 2, 16), got [1, 2, 24]",
        ),
        ("wrong/float64", "float32"),
        ("wrong/batch-first-confusion", "states has the shape"),
        ("wrong/bidirectional", "bidirectional"),
        ("wrong/dropout-left-on", "two runs of the same input differ"),
        ("wrong/nan-weights", "not finite"),
    ] {
        expect_failure(&mut built.command(network), words);
        let name = network.rsplit('/').next().unwrap();
        assert!(!built.models().join(name).join("1").exists(), "{name}");
    }
}
