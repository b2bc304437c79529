//! `GET /v1/models` and `GET /v1/models/{name}`.

use serde_json::Value;

use test_support::client::problem;
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
