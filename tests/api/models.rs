//! `GET /v1/models`.

use serde_json::Value;

use crate::server::{Server, problem};

#[tokio::test]
async fn the_loaded_model_is_listed_and_described() {
    let server = Server::start(&[]);
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
    for nobody in ["nobody", "%FF", "a%2Fb"] {
        problem(server.get(&format!("/v1/models/{nobody}")).await, 404).await;
    }
}
