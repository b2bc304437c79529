//! `POST /v1/explanations/{id}/verify`: agreement of records, and differences of changed ones.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};

use test_support::client::problem;
use test_support::explanations::{Explanation, explain, reproducible};
use test_support::histories::{card_payments, example, small_history, with_options};
use test_support::on_each_database;
use test_support::server::Server;
use test_support::store::TestStore;

async fn assert_verified(server: &Server, given: &Explanation) {
    let path = format!("/v1/explanations/{}/verify", given.id);
    let answer = server.ask(&path, &Value::Null, 200).await;
    let options = &given.document["options"];
    assert_eq!(answer, json!({"id": given.id, "agrees": true}), "{options}");
}

#[tokio::test]
async fn explanation_by_the_calendar_of_a_time_zone_names_it_and_is_verified() {
    let stored = TestStore::sqlite();
    let server = stored.start(&[]);
    let mut document = small_history();
    document["time_zone"] = json!("Pacific/Auckland");
    let given = explain(&server, &document).await;
    let input = &given.document["input"];
    assert_eq!(input["time_zone"], "Pacific/Auckland");
    let from = input["window"]["from"].as_str().unwrap();
    assert!(from.ends_with("-12-31T11:00:00Z"), "{from}");
    assert_verified(&server, &given).await;
    let in_utc = explain(&server, &small_history()).await;
    assert!(in_utc.document["input"].get("time_zone").is_none());
    server.end();
}

#[tokio::test]
async fn every_explanation_is_verified_on_every_server() {
    let stored = TestStore::sqlite();
    let server = stored.start(&["--threads", "1", "--explanation-threads", "1"]);
    let mut all = Vec::new();
    for method in [
        "shapley",
        "lime",
        "kernel-shap",
        "sensitivity",
        "global-linear",
    ] {
        for level in ["class", "period", "cell"] {
            for target in ["traits", "segment", "state"] {
                let options = json!({"method": method, "level": level, "target": target});
                all.push(explain(&server, &with_options(example(), options)).await);
            }
        }
    }
    // Sampling ends by the deadline for some, and by the fidelity for others.
    for method in ["lime", "shapley", "sensitivity"] {
        for level in ["class", "cell"] {
            // Against the population the first portion would do.
            let baseline = match method {
                "sensitivity" => "own",
                _ => "absence",
            };
            let options = json!({
                "method": method, "level": level, "samples": 8192, "deadline_ms": 1, "fidelity_target": 1.0,
                "baseline": baseline,
            });
            let given = explain(&server, &with_options(example(), options)).await;
            let found = &given.document["method"];
            assert_eq!(found["stopped_by"], "deadline");
            assert!(found["samples_used"].as_u64().unwrap() < 8192);
            all.push(given);
        }
        let options = json!({"method": method, "samples": 8192, "fidelity_target": 0.5, "seed": 7});
        all.push(explain(&server, &with_options(example(), options)).await);
    }
    for options in [
        json!({"baseline": "absence"}),
        json!({"method": "lime", "baseline": "population"}),
        json!({"target": {"weights": {"openness": 2, "state.1": -1}, "link": "logit"}, "adverse_only": true}),
        json!({"level": "period", "fidelity_target": 1.0}),
    ] {
        all.push(explain(&server, &with_options(example(), options)).await);
    }
    let ended_by: BTreeSet<&str> = all
        .iter()
        .filter_map(|given| given.document["method"]["stopped_by"].as_str())
        .collect();
    let every_cause = ["budget", "certainty", "deadline", "exhaustion"];
    assert_eq!(ended_by, BTreeSet::from(every_cause));

    for given in &all {
        assert_verified(&server, given).await;
    }
    server.end();
    // Other thresholds of the server change no recorded verdict.
    let server = stored.start(&[
        "--threads",
        "2",
        "--explanation-threads",
        "4",
        "--fidelity-target",
        "0.1",
        "--vsi-target",
        "0.1",
        "--csi-target",
        "0.1",
    ]);
    join_all(all.iter().map(|given| assert_verified(&server, given))).await;
    assert_eq!(
        stored.whole_audit()["entries"],
        all.len(),
        "verifying records nothing"
    );
}

async fn differences(server: &Server, given: &Explanation) -> Vec<Value> {
    let path = format!("/v1/explanations/{}/verify", given.id);
    let disagreement = problem(server.post(&path, "").await, 409).await;
    assert_eq!(disagreement["type"], "urn:microseg:problem:disagreement");
    disagreement["differences"].as_array().unwrap().clone()
}

async fn changed_input_is_reported_by_its_digest(stored: TestStore) {
    let server = stored.start(&["--keep-input", "totals"]);
    let given = explain(
        &server,
        &with_options(example(), json!({"target": "openness"})),
    )
    .await;
    let kept: Vec<u8> = stored.value("SELECT input FROM contents").await;
    let mut kept: Value = serde_json::from_slice(&kept).unwrap();
    let classes = kept["periods"][0]["classes"].as_object_mut().unwrap();
    let amount = classes.values_mut().next().unwrap();
    *amount = (amount.as_f64().unwrap() + 0.01).into();
    let change = "UPDATE contents SET input = ?";
    stored.change(change, kept.to_string().as_bytes()).await;

    let differences = differences(&server, &given).await;
    let digest = differences
        .iter()
        .find(|difference| difference["pointer"] == "/input/sha256");
    let pointers: Vec<&Value> = differences.iter().map(|one| &one["pointer"]).collect();
    let digest = digest.unwrap_or_else(|| panic!("no /input/sha256 among {pointers:?}"));
    assert_eq!(digest["recorded"], given.document["input"]["sha256"]);
    assert_ne!(digest["computed"], digest["recorded"]);
}

async fn changed_record_is_reported_by_its_pointer(stored: TestStore) {
    let server = stored.start(&[]);
    let given = explain(
        &server,
        &with_options(example(), json!({"target": "openness"})),
    )
    .await;
    let text = String::from_utf8(given.bytes.clone()).unwrap();
    let changed = text.replacen(r#""rank":2,"#, r#""rank":9,"#, 1);
    let change = "UPDATE contents SET document = ?";
    stored.change(change, changed.as_bytes()).await;
    let pointer = "/targets/0/contributions/1/rank";
    let expected = json!({"pointer": pointer, "recorded": 9, "computed": 2});
    assert_eq!(differences(&server, &given).await, [expected]);

    stored.change(change, &given.bytes).await;
    assert_verified(&server, &given).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn same_request_gives_the_same_bytes_in_every_batch() {
    let server = Server::start(&["--threads", "2", "--explanation-threads", "3"]);
    let body = with_options(
        example(),
        json!({"target": "state", "level": "cell", "samples": 1024}),
    );
    let alone = reproducible(explain(&server, &body).await.document).to_string();

    let same = (0..30).map(|_| async { reproducible(explain(&server, &body).await.document) });
    let scorings = (1..=120).map(|number| server.post("/v1/score", card_payments(number * 5)));
    let other = with_options(small_history(), json!({"samples": 2048}));
    let others = (0..10).map(|_| explain(&server, &other));
    let (same, scorings, _) = tokio::join!(join_all(same), join_all(scorings), join_all(others));
    for explanation in same {
        assert_eq!(explanation.to_string(), alone);
    }
    for scoring in scorings {
        assert_eq!(scoring.status(), 200);
    }
}

on_each_database! {
    changed_input_is_reported_by_its_digest,
    changed_record_is_reported_by_its_pointer,
}
