//! Networks that do not return: they cost their own requests, and nothing else.

use std::fs;

use reqwest::Response;
use serde_json::Value;

use test_support::bundle_copy::{BundleCopy, MODEL, replace};
use test_support::command::{expect_failure, microseg};
use test_support::faulty_network::{LOOPS, LOOPS_ON_POISON, network_with, poison};
use test_support::histories::{example, small_history};
use test_support::server::Server;

/// A folder of models with the reference model, and with `hanging`, whose network loops on some input.
fn models_with_a_hanging_one() -> BundleCopy {
    let copy = BundleCopy::make();
    let bundle = copy.add("hanging", 1);
    replace(&bundle, "model.pt", &network_with(LOOPS_ON_POISON));
    copy
}

/// A server with one thread for everything that it can do with one.
fn start(models: &BundleCopy, arguments: &[&str]) -> Server {
    let narrow = ["--model", MODEL, "--threads", "1"];
    let variables = [("TOKIO_WORKER_THREADS", "1")];
    let arguments = [&narrow[..], arguments].concat();
    Server::start_on_with(models.models(), &variables, &arguments)
}

async fn send_poison(server: &Server) -> Response {
    let path = "/v1/score?model=hanging";
    server.post(path, poison().to_string()).await
}

async fn assert_serves_others(server: &Server) {
    for path in ["/health/live", "/health/ready"] {
        assert_eq!(server.get(path).await.status(), 200, "{path}");
    }
    server.ask("/v1/score", &example(), 200).await;
    server.ask("/v1/explain", &small_history(), 201).await;
}

#[tokio::test]
async fn hung_network_is_503_with_the_reason_and_its_thread_is_replaced() {
    let models = models_with_a_hanging_one();
    let server = start(&models, &["--network-timeout", "3"]);
    let refused = send_poison(&server).await;
    assert_eq!(refused.status(), 503);
    assert!(refused.headers().contains_key("retry-after"));
    let problem: Value = refused.json().await.unwrap();
    assert_eq!(problem["type"], "urn:microseg:problem:network-hung");
    assert!(problem["detail"].as_str().unwrap().contains("did not end"));

    assert_serves_others(&server).await;
    // The model itself goes on with another thread.
    let path = "/v1/score?model=hanging";
    server.ask(path, &example(), 200).await;
    let metrics = server.get("/metrics").await.text().await.unwrap();
    let hung = "microseg_network_threads_hung{model=\"hanging\",version=\"1\"} 1";
    assert!(metrics.contains(hung), "{metrics}");
    server.end();
}

#[tokio::test]
async fn others_go_on_and_reload_replaces_the_model_while_its_network_hangs() {
    let models = models_with_a_hanging_one();
    // The time limit is far away: nothing is given up during this test.
    let arguments = ["--network-timeout", "600", "--grace-period", "1"];
    let mut server = start(&models, &arguments);
    let hanging = tokio::spawn({
        let request = server.post_as(
            "/v1/score?model=hanging",
            "application/json",
            poison().to_string(),
        );
        async move { request.send().await }
    });
    assert_serves_others(&server).await;
    fs::remove_dir_all(models.models().join("hanging")).unwrap();
    let reloaded = server.post("/v1/admin/reload", String::new()).await;
    assert_eq!(reloaded.status(), 200);
    assert_serves_others(&server).await;
    // The end of the process waits for nothing that hangs.
    server.terminate();
    server.wait();
    drop(hanging);
}

#[tokio::test]
async fn too_many_hung_threads_end_the_server() {
    let models = models_with_a_hanging_one();
    let arguments = ["--network-timeout", "3", "--max-hung-threads", "2"];
    let mut server = start(&models, &arguments);
    assert_eq!(send_poison(&server).await.status(), 503);
    assert_serves_others(&server).await;
    // The second one is the last: its answer may be lost.
    let request = server.post_as(
        "/v1/score?model=hanging",
        "application/json",
        poison().to_string(),
    );
    drop(request.send().await);
    assert_eq!(server.wait().code(), Some(1), "{}", server.log());
    assert!(server.log().contains("too many threads of networks hang"));
}

#[test]
fn network_that_hangs_on_every_input_is_refused_at_load() {
    let copy = BundleCopy::make();
    copy.replace("model.pt", &network_with(LOOPS));
    let mut check = microseg();
    check.args(["model", "check", "--trial-timeout", "2"]);
    expect_failure(check.arg(copy.bundle()), "did not end its trial");
}
