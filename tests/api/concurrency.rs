//! Many at once get what each would get alone.

use futures_util::future::join_all;
use serde_json::Value;

use crate::histories::{example, large};
use crate::server::Server;

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_the_same_alone_and_among_a_thousand() {
    let server = Server::start(&[]);
    let bodies: Vec<String> = (1..=50)
        .map(|number| large(number * 3))
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
    let crowd = (0..1_000).map(|number| {
        let body = bodies[number % bodies.len()].clone();
        async move { server.post("/v1/score", body).await.text().await.unwrap() }
    });
    let explaining = (0..8).map(|_| async { explained(server, &example().to_string()).await });
    let (scorings, explanations) = tokio::join!(join_all(crowd), join_all(explaining));
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
