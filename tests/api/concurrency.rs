//! Equal answers of requests alone and among many others.

use futures_util::future::join_all;
use serde_json::Value;

use test_support::histories::{card_payments, example};
use test_support::server::Server;

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_equal_alone_and_among_a_thousand_requests() {
    let server = Server::start(&[]);
    let bodies: Vec<String> = (1..=50)
        .map(|number| card_payments(number * 3))
        .chain([example().to_string()])
        .collect();
    let mut alone = Vec::new();
    for body in &bodies {
        alone.push(
            server
                .post("/v1/score", body.clone())
                .await
                .text()
                .await
                .unwrap(),
        );
    }
    let explained_alone = explained(&server, &example().to_string()).await;

    let server = &server;
    let scoring = (0..1_000).map(|number| {
        let body = bodies[number % bodies.len()].clone();
        async move { server.post("/v1/score", body).await.text().await.unwrap() }
    });
    let explaining = (0..8).map(|_| async { explained(server, &example().to_string()).await });
    let (scorings, explanations) = tokio::join!(join_all(scoring), join_all(explaining));
    for (number, scoring) in scorings.into_iter().enumerate() {
        assert_eq!(scoring, alone[number % bodies.len()]);
    }
    for explanation in explanations {
        assert_eq!(explanation, explained_alone);
    }
}

async fn explained(server: &Server, body: &str) -> Value {
    let explanation: Value = server
        .post("/v1/explain", body.to_owned())
        .await
        .json()
        .await
        .unwrap();
    explanation["targets"].clone()
}
