//! `GET /v1/models` and `GET /v1/models/{name}`.

use std::path::Path;

use serde_json::{Value, json};

use test_support::client::problem;
use test_support::command::SHIPPED_MODELS;
use test_support::histories::example;
use test_support::server::Server;
use test_support::shared_server::shared_server;

#[tokio::test]
async fn loaded_model_is_listed_and_described() {
    let server = shared_server();
    let list: Value = server.get("/v1/models").await.json().await.unwrap();
    let model = &list["models"][0];
    assert_eq!(model["name"], "spending-personality");
    assert_eq!(
        (model["period"].as_str(), model["window"].as_u64()),
        (Some("year"), Some(6))
    );

    let detail: Value = server
        .get("/v1/models/spending-personality")
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(detail["sha256"], model["sha256"]);
    assert_eq!(
        detail["classes"].as_array().unwrap().len() as u64,
        model["class_count"].as_u64().unwrap()
    );
    let population = &detail["population"];
    for (numbers, count) in [
        ("shares", &detail["class_count"]),
        ("states", &detail["hidden_size"]),
        ("final_states", &detail["hidden_size"]),
        ("outputs", &Value::from(5)),
        ("final_outputs", &Value::from(5)),
    ] {
        for member in ["mean", "deviation"] {
            let found = population[numbers][member].as_array().unwrap().len();
            assert_eq!(&Value::from(found), count, "{numbers}.{member}");
        }
    }
    for link in detail["links"].as_object().unwrap().values() {
        assert_eq!(server.get(link.as_str().unwrap()).await.status(), 200);
    }
    for name in ["unknown", "%FF", "a%2Fb"] {
        for table in ["", "/surrogate", "/segments", "/attractors"] {
            let address = format!("/v1/models/{name}{table}");
            let refused = problem(server.get(&address).await, 404).await;
            assert!(
                refused["detail"].as_str().unwrap().contains("model"),
                "{address}"
            );
        }
    }
}

#[tokio::test]
async fn shipped_folder_serves_three_models_and_names_the_default() {
    let models = Path::new(SHIPPED_MODELS);
    let no_trial = [("MICROSEG_TRIAL_MEMORY_BYTES", "0")];
    let server = Server::start_on_with(models, &no_trial, &[]);
    let list = server.get_json("/v1/models").await;
    let listed = list["models"].as_array().unwrap().iter();
    let listed = listed.map(|model| {
        json!([
            model["name"],
            model["version"],
            model["hidden_size"],
            model["default"]
        ])
    });
    let expected = json!([
        ["spending-events", "1", 32, false],
        ["spending-features", "1", 64, false],
        ["spending-personality", "1", 8, true],
    ]);
    assert_eq!(listed.collect::<Value>(), expected);

    let scoring = server.ask("/v1/score", &example(), 200).await;
    assert_eq!(scoring["model"]["name"], "spending-personality");
    for name in ["spending-events", "spending-features"] {
        let path = format!("/v1/score?model={name}");
        let scoring = server.ask(&path, &example(), 200).await;
        assert_eq!(scoring["model"]["name"], name);
        let detail = server.get_json(&format!("/v1/models/{name}")).await;
        for link in detail["links"].as_object().unwrap().values() {
            let table = server.get_json(link.as_str().unwrap()).await;
            assert_eq!(table["model"]["name"], name);
        }
    }
    server.end();
}
