//! Several models and versions in one server: selection, reload, and a shadow version.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use test_support::bundle_copy::{BundleCopy, MODEL, edit_manifest};
use test_support::client::problem;
use test_support::command::{documents, expect_failure, microseg, serve, succeeded};
use test_support::histories::{example, with_options};
use test_support::ndjson::ndjson_request;
use test_support::server::Server;
use test_support::wait::eventually;

/// The name and the version of the model that scores.
async fn scored_by(server: &Server, query: &str) -> (String, String) {
    let scoring = server
        .ask(&format!("/v1/score{query}"), &example(), 200)
        .await;
    model_of(&scoring)
}

/// The name and the version of the model in an answer.
fn model_of(answer: &Value) -> (String, String) {
    let member = |name: &str| answer["model"][name].as_str().unwrap().to_owned();
    (member("name"), member("version"))
}

/// A name and a version.
fn identity(name: &str, version: &str) -> (String, String) {
    (name.to_owned(), version.to_owned())
}

async fn reload(server: &Server, status: u16) -> Value {
    server.ask("/v1/admin/reload", &Value::Null, status).await
}

/// The lines of the metrics with a prefix.
async fn metrics(server: &Server, prefix: &str) -> Vec<String> {
    let text = server.get("/metrics").await.text().await.unwrap();
    let lines = text.lines().filter(|line| line.starts_with(prefix));
    lines.map(str::to_owned).collect()
}

#[tokio::test]
async fn request_selects_name_and_version() {
    let copy = BundleCopy::make();
    copy.add_different(2);
    copy.add("other", 3);
    let server = copy.start(&["--model", MODEL]);

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
            identity(MODEL, version),
            "{query}"
        );
    }
    assert_eq!(
        scored_by(&server, "?model=other").await,
        identity("other", "3")
    );
    for (query, status) in [
        ("?model=unknown", 404),
        ("?version=9", 404),
        ("?model=other&version=1", 404),
        ("?version=first", 422),
        ("?version=1&version=2", 422),
    ] {
        let path = format!("/v1/score{query}");
        problem(server.post(&path, example().to_string()).await, status).await;
    }

    let post = |path: &str, text: String| {
        let request = ndjson_request(&server, path, text);
        async { request.send().await.unwrap().text().await.unwrap() }
    };
    let lines = post("/v1/score?version=1", format!("{}\n", example())).await;
    assert_eq!(
        model_of(&serde_json::from_str(&lines).unwrap()),
        identity(MODEL, "1")
    );
    let transactions = example()["transactions"].clone();
    let transactions = transactions.as_array().unwrap().iter();
    let lines: Vec<_> = transactions.map(Value::to_string).collect();
    let text = lines.join("\n");
    let events = post("/v1/stream?model=other", text).await;
    let end: Value = serde_json::from_str(events.lines().last().unwrap()).unwrap();
    assert_eq!(model_of(&end), identity("other", "3"), "{events}");

    // Each explanation is verified with its own version, and the numbers of the two differ.
    let asked = with_options(example(), json!({"target": "traits"}));
    let mut values = Vec::new();
    for version in ["1", "2"] {
        let path = format!("/v1/explain?version={version}");
        let explanation = server.ask(&path, &asked, 201).await;
        assert_eq!(model_of(&explanation), identity(MODEL, version));
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
        assert_eq!(model_of(&segments), identity(MODEL, version));
    }
    let runs = metrics(&server, "microseg_network_runs_total").await;
    assert_eq!(runs.len(), 3, "{runs:?}");
}

#[tokio::test]
async fn several_models_without_default_must_be_selected() {
    let copy = BundleCopy::make();
    copy.add("other", 1);
    let server = copy.start(&[]);
    let refused = problem(server.post("/v1/score", example().to_string()).await, 422).await;
    assert!(
        refused["detail"].as_str().unwrap().contains("?model=NAME"),
        "{refused}"
    );
    assert_eq!(
        scored_by(&server, "?model=other").await,
        identity("other", "1")
    );
}

/// The name and the version of each model that answers requests without a name, as `/v1/models` tells it.
async fn listed_default(server: &Server) -> Vec<(String, String)> {
    let list = server.get_json("/v1/models").await;
    let models = list["models"].as_array().unwrap();
    let defaults = models.iter().filter(|model| model["default"] == true);
    defaults
        .map(|model| model_of(&json!({ "model": model })))
        .collect()
}

#[tokio::test]
async fn default_of_the_folder_is_read_at_the_start_and_at_each_reload() {
    let copy = BundleCopy::make();
    copy.add("other", 1);
    copy.add("other", 3);
    copy.name_default("default = \"other\"");
    let server = copy.start(&[]);
    assert_eq!(scored_by(&server, "").await, identity("other", "3"));
    assert_eq!(listed_default(&server).await, [identity("other", "3")]);
    assert_eq!(
        scored_by(&server, "?model=spending-personality").await,
        identity(MODEL, "1")
    );

    copy.name_default(&format!("default = \"{MODEL}\""));
    reload(&server, 200).await;
    assert_eq!(scored_by(&server, "").await, identity(MODEL, "1"));
    assert_eq!(listed_default(&server).await, [identity(MODEL, "1")]);

    // A wrong file changes nothing, the bundles included.
    fs::remove_dir_all(copy.models().join("other/3")).unwrap();
    for wrong in ["default = \"nowhere\"", "defult = \"other\""] {
        copy.name_default(wrong);
        let refused = reload(&server, 422).await;
        assert_eq!(refused["type"], "urn:microseg:problem:bundle-refused");
        let detail = refused["detail"].as_str().unwrap();
        assert!(detail.contains("models.toml"), "{refused}");
        let logged = server.await_event("the models stay as they were");
        let error = logged["error"].as_str().unwrap();
        assert!(error.contains("models.toml"), "{logged}");
        assert_eq!(scored_by(&server, "").await, identity(MODEL, "1"));
        assert_eq!(
            scored_by(&server, "?model=other").await,
            identity("other", "3")
        );
    }

    fs::remove_file(copy.models().join("models.toml")).unwrap();
    reload(&server, 200).await;
    problem(server.post("/v1/score", example().to_string()).await, 422).await;
    assert!(listed_default(&server).await.is_empty());
}

#[tokio::test]
async fn requested_model_wins_over_the_default_of_the_folder() {
    let copy = BundleCopy::make();
    copy.add("other", 1);
    copy.name_default("default = \"nowhere\"");
    let server = copy.start(&["--model", "other"]);
    assert_eq!(scored_by(&server, "").await, identity("other", "1"));
    copy.name_default(&format!("default = \"{MODEL}\""));
    reload(&server, 200).await;
    assert_eq!(scored_by(&server, "").await, identity("other", "1"));
}

#[test]
fn command_uses_the_default_of_the_folder_unless_a_flag_names_another() {
    let copy = BundleCopy::make();
    copy.add("other", 1);
    let score = |arguments: &[&str]| {
        let mut command = microseg();
        command.args(["score", "examples/history.json", "--models"]);
        command.arg(copy.models()).args(arguments);
        command
    };
    let scored = |arguments: &[&str]| {
        let printed = succeeded(&score(arguments).output().unwrap());
        model_of(&documents(&printed)[0])
    };
    expect_failure(&mut score(&[]), "name one of them");
    copy.name_default("default = \"other\"");
    assert_eq!(scored(&[]), identity("other", "1"));
    assert_eq!(scored(&["--model", MODEL]), identity(MODEL, "1"));
    copy.name_default("default = \"nowhere\"");
    let part = "models.toml: default: no model nowhere in this folder, which has: other, spending-personality";
    expect_failure(&mut score(&[]), part);
    expect_failure(serve().arg("--models").arg(copy.models()), part);
    expect_failure(&mut score(&["--model", "absent"]), "no model absent");
}

#[tokio::test]
async fn reload_loads_sound_bundles_and_refuses_others() {
    let copy = BundleCopy::make();
    let server = copy.start(&[]);
    let second = copy.add_different(2);
    let outcome = |answer: Value| {
        let bundles = answer["bundles"].as_array().unwrap().clone();
        let outcomes = bundles
            .into_iter()
            .map(|bundle| bundle["outcome"].as_str().unwrap().to_owned());
        outcomes.collect::<Vec<_>>()
    };
    assert_eq!(scored_by(&server, "").await, identity(MODEL, "1"));
    assert_eq!(outcome(reload(&server, 200).await), ["kept", "loaded"]);
    assert_eq!(scored_by(&server, "").await, identity(MODEL, "2"));

    // A network without the checksum of the manifest, and a changed manifest.
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
    assert_eq!(scored_by(&server, "").await, identity(MODEL, "2"));

    fs::write(second.join("model.pt"), &network).unwrap();
    assert_eq!(outcome(reload(&server, 200).await), ["kept", "replaced"]);
    fs::remove_dir_all(&second).unwrap();
    server.signal("HUP");
    let gone = server.await_event("a bundle was removed");
    assert_eq!(gone["version"], 2);
    assert_eq!(scored_by(&server, "").await, identity(MODEL, "1"));

    // An empty folder is a mistake: the loaded models stay.
    fs::remove_dir_all(copy.models().join(MODEL)).unwrap();
    reload(&server, 200).await;
    assert_eq!(scored_by(&server, "").await, identity(MODEL, "1"));
    fs::remove_dir_all(copy.models()).unwrap();
    reload(&server, 500).await;
    assert_eq!(scored_by(&server, "").await, identity(MODEL, "1"));
}

#[tokio::test]
async fn no_request_fails_during_a_reload() {
    let copy = BundleCopy::make();
    let second = copy.add_different(2);
    let server = copy.start(&[]);
    let ended = AtomicBool::new(false);
    let scoring = async {
        let mut answers = 0;
        while !ended.load(Ordering::Relaxed) {
            let (_, version) = scored_by(&server, "").await;
            assert_eq!(version, "2");
            answers += 1;
        }
        answers
    };
    let reloading = async {
        for number in 0..4 {
            edit_manifest(&second, |manifest| {
                manifest["provenance"]["note"] = number.into();
            });
            reload(&server, 200).await;
        }
        ended.store(true, Ordering::Relaxed);
    };
    let (answers, ()) = tokio::join!(scoring, reloading);
    assert!(answers > 0);
}

#[tokio::test]
async fn bad_bundle_at_start_affects_no_other() {
    let copy = BundleCopy::make();
    let second = copy.add(MODEL, 2);
    fs::remove_file(second.join("golden.json")).unwrap();
    let server = Server::spawn(copy.models(), &[]);
    let refused = server.await_event("a bundle was refused");
    assert!(
        refused["error"].as_str().unwrap().contains("golden.json"),
        "{refused}"
    );
    server.await_event("ready");
    assert_eq!(scored_by(&server, "").await, identity(MODEL, "1"));
}

#[tokio::test]
async fn unknown_model_in_settings_ends_the_server() {
    let copy = BundleCopy::make();
    let mut unknown = serve();
    unknown.arg("--models").arg(copy.models());
    expect_failure(unknown.args(["--model", "unknown"]), "no model unknown");
    let shadow = ["--shadow", "spending-personality/2"];
    let mut server = Server::spawn(copy.models(), &shadow);
    assert_eq!(server.wait().code(), Some(1));
}

#[tokio::test]
async fn shadow_version_is_compared_and_answers_no_request() {
    let copy = BundleCopy::make();
    copy.add_different(2);
    let server = copy.start(&["--shadow", "spending-personality/2"]);
    let compared = r#"microseg_shadow_histories_total{model="spending-personality",version="2",outcome="compared"}"#;
    eventually("a history is compared", async || {
        assert_eq!(scored_by(&server, "").await, identity(MODEL, "1"));
        (!metrics(&server, compared).await.is_empty()).then_some(())
    })
    .await;
    let nearly_equal = r#"microseg_shadow_difference_bucket{le="0.000001",model="spending-personality",version="2",output="openness"} 0"#;
    let found = metrics(&server, "microseg_shadow_difference").await;
    assert!(found.iter().any(|line| line == nearly_equal), "{found:#?}");
    // A request may still select it.
    assert_eq!(scored_by(&server, "?version=2").await, identity(MODEL, "2"));
}

#[tokio::test]
async fn history_that_goes_on_from_a_token_is_counted_and_not_compared() {
    let copy = BundleCopy::make();
    copy.add_different(2);
    let server = copy.start(&[
        "--shadow",
        "spending-personality/2",
        "--shadow-percent",
        "100",
    ]);
    let path = "/v1/score?state_token=true&version=1";
    let scoring = server.ask(path, &example(), 200).await;
    let mut history = example();
    history["transactions"] = json!([]);
    history["state_token"] = scoring["state_token"].clone();
    let outcome = |outcome: &str| {
        format!(
            r#"microseg_shadow_histories_total{{model="spending-personality",version="2",outcome="{outcome}"}}"#
        )
    };
    let continued = outcome("continued");
    eventually("a history with a token is counted", async || {
        server.ask("/v1/score", &history, 200).await;
        (!metrics(&server, &continued).await.is_empty()).then_some(())
    })
    .await;
    assert!(metrics(&server, &outcome("failed")).await.is_empty());
}
