//! The address of those who watch: metrics and probes, without keys and in the clear, and nothing else.

use reqwest::{Response, StatusCode};

use crate::histories::example;
use crate::keys::{TestKey, server_with};
use crate::server::{PATIENCE, Server, microseg, problem};
use crate::tls::Files;

const ANY_PORT: &[&str] = &["--metrics-addr", "127.0.0.1:0"];

async fn watch(server: &Server, path: &str) -> Response {
    let url = format!("http://{}{path}", server.metrics_address().unwrap());
    server.client.get(url).send().await.unwrap()
}

#[tokio::test]
async fn metrics_have_an_address_of_their_own_that_asks_nobody_for_a_key() {
    let key = TestKey::make("bank", "admin");
    let server = server_with(&[&key], ANY_PORT);
    let metrics = watch(&server, "/metrics").await;
    assert_eq!(metrics.status(), 200);
    assert!(metrics.text().await.unwrap().ends_with("# EOF\n"));
    assert_eq!(watch(&server, "/health/live").await.status(), 200);
    assert_eq!(watch(&server, "/health/ready").await.status(), 200);

    // What callers ask for is not there, and what watchers ask for is there alone.
    problem(watch(&server, "/v1/models").await, 404).await;
    let asked = server.client.get(server.url("/metrics"));
    problem(asked.bearer_auth(&key.key).send().await.unwrap(), 404).await;
    assert_eq!(server.get("/health/ready").await.status(), 200);
}

#[tokio::test]
async fn what_callers_do_is_in_the_metrics_that_watchers_read() {
    let server = Server::start(ANY_PORT);
    server.ask("/v1/score", &example(), 200).await;
    let metrics = watch(&server, "/metrics").await.text().await.unwrap();
    let counted = r#"microseg_requests_total{method="POST",route="/v1/score",status="200"} 1"#;
    assert!(metrics.contains(counted), "{metrics}");
}

#[tokio::test]
async fn a_server_that_drains_says_so_to_those_who_watch() {
    let mut server = Server::start(&[ANY_PORT, &["--drain-delay", "100000"]].concat());
    server.terminate();
    server.await_event("finishing what is under way");
    let ready = watch(&server, "/health/ready").await;
    assert_eq!(ready.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(watch(&server, "/metrics").await.status(), 200);
}

#[test]
fn metrics_are_open_to_a_network_only_where_somebody_said_so() {
    let serve = |arguments: &[&str]| {
        let mut command = microseg();
        command.args(["serve", "--addr", "127.0.0.1:0"]);
        command.args(arguments).output().unwrap()
    };
    let refused = serve(&["--metrics-addr", "0.0.0.0:0"]);
    let text = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(1), "{text}");
    for part in ["--metrics-addr 0.0.0.0:", "--allow-open-metrics"] {
        assert!(text.contains(part), "expected `{part}` in: {text}");
    }
    let wrong = serve(&["--metrics-addr", "nowhere"]);
    let text = String::from_utf8(wrong.stderr).unwrap();
    assert_eq!(wrong.status.code(), Some(1), "{text}");
    assert!(text.contains("--metrics-addr nowhere"), "{text}");
}

#[test]
fn the_health_command_finds_the_server_by_the_servers_own_variables() {
    let files = Files::new();
    let server = files.start(ANY_PORT);
    let certificate = files.path("certificate.pem");
    let health = |variables: &[(&str, &str)]| {
        let mut command = microseg();
        command.arg("health").envs(variables.iter().copied());
        command.output().unwrap()
    };
    let addressed = ("MICROSEG_ADDR", server.address());
    let certified = ("MICROSEG_TLS_CERTIFICATE", certificate.as_str());
    let watched = ("MICROSEG_METRICS_ADDR", server.metrics_address().unwrap());
    for variables in [
        &[addressed, certified][..],
        &[addressed, certified, watched],
    ] {
        let output = health(variables);
        assert!(output.status.success(), "{output:?}");
        assert_eq!(output.stdout, b"ready\n");
    }
    // In the clear, a server that speaks TLS does not answer.
    assert_eq!(health(&[addressed]).status.code(), Some(1));
}

#[tokio::test]
async fn idle_watchers_hold_up_nobodys_end() {
    let mut server = Server::start(ANY_PORT);
    let address = server.metrics_address().unwrap().to_owned();
    let _idle = tokio::net::TcpStream::connect(address).await.unwrap();
    assert_eq!(watch(&server, "/health/live").await.status(), 200);
    let begun = std::time::Instant::now();
    server.terminate();
    assert!(server.wait().success());
    assert!(begun.elapsed() < PATIENCE / 2);
}
