//! `POST /v1/explanations/{id}/verify`: computed again, a record comes out the same; a changed one does not.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::explain::lasting;
use crate::histories::{asking, example, large};
use crate::records::small;
use crate::server::{Server, problem};
use crate::stored::{Given, Stored, end, explain, on_each_database};

async fn assert_verified(server: &Server, given: &Given) {
    let path = format!("/v1/explanations/{}/verify", given.id);
    let answer = server.ask(&path, &Value::Null, 200).await;
    let options = &given.document["options"];
    assert_eq!(answer, json!({"id": given.id, "agrees": true}), "{options}");
}

#[tokio::test]
async fn every_explanation_comes_out_the_same_on_every_server() {
    let stored = Stored::sqlite();
    let server = stored.start(&["--threads", "1", "--explanation-threads", "1"]);
    let mut all = Vec::new();
    for method in ["lime", "kernel-shap", "sensitivity", "global-linear"] {
        for level in ["class", "period", "cell"] {
            for target in ["traits", "segment", "state"] {
                let options = json!({"method": method, "level": level, "target": target});
                all.push(explain(&server, &asking(example(), options)).await);
            }
        }
    }
    // Where sampling ended is decided by the clock for some, and by what was found for others.
    for method in ["lime", "kernel-shap", "sensitivity"] {
        for level in ["class", "cell"] {
            let options = json!({
                "method": method, "level": level, "samples": 8192, "deadline_ms": 1, "fidelity_target": 1.0,
            });
            let given = explain(&server, &asking(example(), options)).await;
            let found = &given.document["method"];
            assert_eq!(found["stopped_by"], "deadline");
            assert!(found["samples_used"].as_u64().unwrap() < 8192);
            all.push(given);
        }
        let options = json!({"method": method, "samples": 8192, "fidelity_target": 0.5, "seed": 7});
        all.push(explain(&server, &asking(example(), options)).await);
    }
    let ended_by: BTreeSet<&str> = all
        .iter()
        .filter_map(|given| given.document["method"]["stopped_by"].as_str())
        .collect();
    let every_way = ["budget", "certainty", "deadline", "exhaustion"];
    assert_eq!(ended_by, BTreeSet::from(every_way));

    for given in &all {
        assert_verified(&server, given).await;
    }
    end(server);
    // Thresholds of another operator change no verdict of the past.
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
        stored.whole()["entries"],
        all.len(),
        "verifying records nothing"
    );
}

async fn differences(server: &Server, given: &Given) -> Vec<Value> {
    let path = format!("/v1/explanations/{}/verify", given.id);
    let disagreement = problem(server.post(&path, "").await, 409).await;
    assert_eq!(disagreement["type"], "urn:microseg:problem:disagreement");
    disagreement["differences"].as_array().unwrap().clone()
}

async fn input_that_was_changed_is_told_by_its_digest(stored: Stored) {
    let server = stored.start(&["--keep-input", "totals"]);
    let given = explain(&server, &asking(example(), json!({"target": "openness"}))).await;
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

async fn a_record_that_was_changed_is_told_by_the_place(stored: Stored) {
    let server = stored.start(&[]);
    let given = explain(&server, &asking(example(), json!({"target": "openness"}))).await;
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
async fn the_same_request_gives_the_same_bytes_in_any_company() {
    let server = Server::start(&["--threads", "2", "--explanation-threads", "3"]);
    let body = asking(
        example(),
        json!({"target": "state", "level": "cell", "samples": 1024}),
    );
    let alone = lasting(explain(&server, &body).await.document).to_string();

    let same = (0..30).map(|_| async { lasting(explain(&server, &body).await.document) });
    let scorings = (1..=120).map(|number| server.post("/v1/score", large(number * 5)));
    let other = asking(small(), json!({"samples": 2048}));
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
    input_that_was_changed_is_told_by_its_digest,
    a_record_that_was_changed_is_told_by_the_place,
}
