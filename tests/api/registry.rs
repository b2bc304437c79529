//! Several models and versions at once; exchanged while they are asked; a version on trial beside the latest.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::bundles::{Copy, copy_bundle, edit_manifest};
use crate::histories::{asking, example};
use crate::server::{Server, problem};

const MODEL: &str = "spending-personality";

impl Copy {
    /// One more bundle in the folder, which calls itself as its place does.
    fn add(&self, name: &str, version: u32) -> PathBuf {
        let bundle = self.models().join(name).join(version.to_string());
        copy_bundle(&self.bundle(), &bundle);
        edit_manifest(&bundle, |manifest| {
            manifest["name"] = name.into();
            manifest["version"] = version.to_string().into();
        });
        bundle
    }

    /// A version that books restaurants as something else, and so gives other numbers.
    pub(crate) fn add_other(&self, version: u32) -> PathBuf {
        let bundle = self.add(MODEL, version);
        let file = bundle.join("taxonomy.csv");
        let mut reader = csv::ReaderBuilder::new().from_path(&file).unwrap();
        let headers = reader.headers().unwrap().clone();
        let mut rows: Vec<Vec<String>> = reader
            .records()
            .map(|row| row.unwrap().iter().map(str::to_owned).collect())
            .collect();
        let place = |code: &str| {
            let has = |row: &Vec<String>| row[3].split(' ').any(|range| range == code);
            rows.iter().position(has).unwrap()
        };
        let (one, other) = (place("5411"), place("5912"));
        let codes = std::mem::take(&mut rows[one][3]);
        rows[one][3] = std::mem::replace(&mut rows[other][3], codes);
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&headers).unwrap();
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let bytes = writer.into_inner().unwrap();
        fs::write(&file, &bytes).unwrap();
        edit_manifest(&bundle, |manifest| {
            manifest["files"]["taxonomy.csv"] = hex::encode(Sha256::digest(&bytes)).into();
        });
        bundle
    }

    pub(crate) fn serve(&self, arguments: &[&str]) -> Server {
        let mut server = Server::spawn(self.models(), arguments);
        server.await_event("ready");
        server
    }
}

/// The name and the version that scored.
async fn scored_by(server: &Server, query: &str) -> (String, String) {
    let scoring = server
        .ask(&format!("/v1/score{query}"), &example(), 200)
        .await;
    identity(&scoring)
}

fn identity(answer: &Value) -> (String, String) {
    let member = |name: &str| answer["model"][name].as_str().unwrap().to_owned();
    (member("name"), member("version"))
}

fn of(name: &str, version: &str) -> (String, String) {
    (name.to_owned(), version.to_owned())
}

async fn reload(server: &Server, status: u16) -> Value {
    server.ask("/v1/admin/reload", &Value::Null, status).await
}

/// Every line of the server's metrics that begins so.
async fn metrics(server: &Server, beginning: &str) -> Vec<String> {
    let text = server.get("/metrics").await.text().await.unwrap();
    let lines = text.lines().filter(|line| line.starts_with(beginning));
    lines.map(str::to_owned).collect()
}

#[tokio::test]
async fn a_request_chooses_among_names_and_versions() {
    let copy = Copy::new();
    copy.add_other(2);
    copy.add("other", 3);
    let server = copy.serve(&["--model", MODEL]);

    let list: Value = server.get("/v1/models").await.json().await.unwrap();
    let listed: Vec<_> = list["models"].as_array().unwrap().iter().collect();
    let listed: Vec<_> = listed
        .iter()
        .map(|model| {
            (
                model["name"].as_str(),
                model["version"].as_str(),
                model["latest"].as_bool(),
            )
        })
        .collect();
    let expected = [
        ("other", "3", true),
        (MODEL, "1", false),
        (MODEL, "2", true),
    ];
    let expected =
        expected.map(|(name, version, latest)| (Some(name), Some(version), Some(latest)));
    assert_eq!(listed, expected);

    for (query, version) in [("", "2"), ("?version=1", "1"), ("?version=latest", "2")] {
        assert_eq!(
            scored_by(&server, query).await,
            of(MODEL, version),
            "{query}"
        );
    }
    assert_eq!(scored_by(&server, "?model=other").await, of("other", "3"));
    for (query, status) in [
        ("?model=nobody", 404),
        ("?version=9", 404),
        ("?model=other&version=1", 404),
        ("?version=first", 422),
        ("?version=1&version=2", 422),
    ] {
        let path = format!("/v1/score{query}");
        problem(server.post(&path, example().to_string()).await, status).await;
    }

    let post = |path: &str, text: String| {
        let request = server.client().post(server.url(path));
        let request = request
            .header(CONTENT_TYPE, "application/x-ndjson")
            .body(text);
        async { request.send().await.unwrap().text().await.unwrap() }
    };
    let lines = post("/v1/score?version=1", format!("{}\n", example())).await;
    assert_eq!(
        identity(&serde_json::from_str(&lines).unwrap()),
        of(MODEL, "1")
    );
    let transactions = example()["transactions"].clone();
    let transactions = transactions.as_array().unwrap().iter();
    let lines: Vec<_> = transactions.map(Value::to_string).collect();
    let text = lines.join("\n");
    let events = post("/v1/stream?model=other", text).await;
    let ended: Value = serde_json::from_str(events.lines().last().unwrap()).unwrap();
    assert_eq!(identity(&ended), of("other", "3"), "{events}");

    // Each is verified by the version that explained, and the numbers of the two differ.
    let asked = asking(example(), json!({"target": "traits"}));
    let mut values = Vec::new();
    for version in ["1", "2"] {
        let path = format!("/v1/explain?version={version}");
        let explanation = server.ask(&path, &asked, 201).await;
        assert_eq!(identity(&explanation), of(MODEL, version));
        let verify = format!(
            "/v1/explanations/{}/verify",
            explanation["id"].as_str().unwrap()
        );
        server.ask(&verify, &Value::Null, 200).await;
        values.push(explanation["targets"][0]["value"].clone());
    }
    assert_ne!(values[0], values[1]);
    for (query, version) in [("", "2"), ("?version=1", "1")] {
        let path = format!("/v1/models/{MODEL}/segments{query}");
        let segments: Value = server.get(&path).await.json().await.unwrap();
        assert_eq!(identity(&segments), of(MODEL, version));
    }
    let runs = metrics(&server, "microseg_network_runs_total").await;
    assert_eq!(runs.len(), 3, "{runs:?}");
}

#[tokio::test]
async fn several_names_without_a_default_must_be_named() {
    let copy = Copy::new();
    copy.add("other", 1);
    let server = copy.serve(&[]);
    let refused = problem(server.post("/v1/score", example().to_string()).await, 422).await;
    assert!(
        refused["detail"].as_str().unwrap().contains("?model=NAME"),
        "{refused}"
    );
    assert_eq!(scored_by(&server, "?model=other").await, of("other", "1"));
}

#[tokio::test]
async fn a_reload_takes_what_is_sound_and_leaves_what_is_not() {
    let copy = Copy::new();
    let mut server = copy.serve(&[]);
    let second = copy.add_other(2);
    let outcome = |answer: Value| {
        let bundles = answer["bundles"].as_array().unwrap().clone();
        let outcomes = bundles
            .into_iter()
            .map(|bundle| bundle["outcome"].as_str().unwrap().to_owned());
        outcomes.collect::<Vec<_>>()
    };
    assert_eq!(scored_by(&server, "").await, of(MODEL, "1"));
    assert_eq!(outcome(reload(&server, 200).await), ["kept", "loaded"]);
    assert_eq!(scored_by(&server, "").await, of(MODEL, "2"));

    // A network that is not the one of the manifest, and a manifest that is another one than before.
    let network = fs::read(second.join("model.pt")).unwrap();
    fs::write(second.join("model.pt"), &network[1..]).unwrap();
    edit_manifest(&second, |manifest| {
        manifest["provenance"]["note"] = "changed".into();
    });
    let refused = reload(&server, 422).await;
    assert_eq!(refused["type"], "urn:microseg:problem:bundle-refused");
    assert!(
        refused["detail"]
            .as_str()
            .unwrap()
            .contains("spending-personality version 2"),
        "{refused}"
    );
    server.await_event("a bundle was refused");
    assert_eq!(scored_by(&server, "").await, of(MODEL, "2"));

    fs::write(second.join("model.pt"), &network).unwrap();
    assert_eq!(outcome(reload(&server, 200).await), ["kept", "replaced"]);
    fs::remove_dir_all(&second).unwrap();
    let id = server.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-HUP", &id])
            .status()
            .unwrap()
            .success()
    );
    let gone = server.await_event("a bundle was removed");
    assert_eq!(gone["version"], 2);
    assert_eq!(scored_by(&server, "").await, of(MODEL, "1"));

    // An empty folder is a mistake, not a wish.
    fs::remove_dir_all(copy.models().join(MODEL)).unwrap();
    reload(&server, 200).await;
    assert_eq!(scored_by(&server, "").await, of(MODEL, "1"));
    fs::remove_dir_all(copy.models()).unwrap();
    reload(&server, 500).await;
    assert_eq!(scored_by(&server, "").await, of(MODEL, "1"));
}

#[tokio::test]
async fn no_request_fails_while_models_are_exchanged() {
    let copy = Copy::new();
    let second = copy.add_other(2);
    let server = copy.serve(&[]);
    let ended = AtomicBool::new(false);
    let asking = async {
        let mut answers = 0;
        while !ended.load(Ordering::Relaxed) {
            let (_, version) = scored_by(&server, "").await;
            assert_eq!(version, "2");
            answers += 1;
        }
        answers
    };
    let exchanging = async {
        for number in 0..4 {
            edit_manifest(&second, |manifest| {
                manifest["provenance"]["note"] = number.into();
            });
            reload(&server, 200).await;
        }
        ended.store(true, Ordering::Relaxed);
    };
    let (answers, ()) = tokio::join!(asking, exchanging);
    assert!(answers > 0);
}

#[tokio::test]
async fn a_bad_bundle_at_the_start_costs_the_others_nothing() {
    let copy = Copy::new();
    let second = copy.add(MODEL, 2);
    fs::remove_file(second.join("golden.json")).unwrap();
    let mut server = Server::spawn(copy.models(), &[]);
    let refused = server.await_event("a bundle was refused");
    assert!(
        refused["error"].as_str().unwrap().contains("golden.json"),
        "{refused}"
    );
    server.await_event("ready");
    assert_eq!(scored_by(&server, "").await, of(MODEL, "1"));
}

#[tokio::test]
async fn what_the_settings_name_must_be_there() {
    let copy = Copy::new();
    for (flag, value) in [
        ("--model", "nobody"),
        ("--shadow", "spending-personality/2"),
    ] {
        let mut server = Server::spawn(copy.models(), &[flag, value]);
        assert_eq!(server.wait().code(), Some(1), "{flag}");
    }
}

#[tokio::test]
async fn a_version_on_trial_answers_nobody_and_is_compared() {
    let copy = Copy::new();
    copy.add_other(2);
    let server = copy.serve(&["--shadow", "spending-personality/2"]);
    let compared = r#"microseg_shadow_histories_total{model="spending-personality",version="2",outcome="compared"}"#;
    let mut asked = 0;
    while metrics(&server, compared).await.is_empty() {
        assert_eq!(scored_by(&server, "").await, of(MODEL, "1"));
        asked += 1;
        assert!(asked < 1_000);
    }
    let nearly_equal = r#"microseg_shadow_difference_bucket{le="0.000001",model="spending-personality",version="2",output="openness"} 0"#;
    let found = metrics(&server, "microseg_shadow_difference").await;
    assert!(found.iter().any(|line| line == nearly_equal), "{found:#?}");
    // Those who ask for it get it.
    assert_eq!(scored_by(&server, "?version=2").await, of(MODEL, "2"));
}
