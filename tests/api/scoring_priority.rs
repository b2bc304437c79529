//! Priority of scorings over explanations in the queue of the network.

use serde_json::{Value, json};
use tokio::task::JoinSet;

use test_support::histories::{example, with_options};
use test_support::server::Server;

/// Explanations that run at the same time on one thread of the network, with 32 batches each.
const RUNNING: usize = 32;

/// Scorings, one after the other. If each waited for one batch of every explanation, the explanations would end with
/// the 32nd.
const SCORINGS: usize = 60;

#[tokio::test(flavor = "multi_thread")]
async fn scorings_are_answered_while_every_explanation_thread_is_busy() {
    let server = Server::start(&[
        "--threads",
        "1",
        "--explanation-threads",
        &RUNNING.to_string(),
        "--explanation-queue",
        "1",
    ]);
    let alone = server.ask("/v1/score", &example(), 200).await;
    let options =
        json!({"method": "lime", "level": "cell", "samples": 8192, "fidelity_target": 1.0});
    let body = with_options(example(), options).to_string();
    let mut explaining = JoinSet::new();
    // One more than may run and wait together: it is refused when all others have been accepted.
    for _ in 0..RUNNING + 2 {
        let request = server.http().post(server.url("/v1/explain"));
        let request = request.header("content-type", "application/json");
        let request = request.body(body.clone());
        explaining.spawn(async move {
            let response = request.send().await.unwrap();
            let status = response.status().as_u16();
            (status, response.json::<Value>().await.unwrap())
        });
    }
    let (first, _) = explaining.join_next().await.unwrap().unwrap();
    assert_eq!(first, 503);

    for _ in 0..SCORINGS {
        assert_eq!(server.ask("/v1/score", &example(), 200).await, alone);
    }
    if let Some(explained) = explaining.try_join_next() {
        let (status, _) = explained.unwrap();
        panic!("an explanation ended before {SCORINGS} scorings, with {status}");
    }
    for (status, explanation) in explaining.join_all().await {
        assert_eq!(status, 201, "{explanation:.500}");
        assert_eq!(explanation["method"]["samples_used"], 8192);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn accepted_explanations_are_not_limited_by_the_scoring_queue() {
    // `--queue` limits scorings; `--explanation-queue` limits explanations.
    let server = Server::start(&[
        "--threads",
        "1",
        "--queue",
        "1",
        "--explanation-threads",
        "8",
    ]);
    let body = with_options(example(), json!({"samples": 8192, "fidelity_target": 1.0}));
    let explaining = (0..8).map(|_| server.post("/v1/explain", body.to_string()));
    for response in futures_util::future::join_all(explaining).await {
        assert_eq!(response.status(), 201);
    }
}
