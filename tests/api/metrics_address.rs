//! Address of its own for metrics and probes: without keys, without TLS, and without other operations.

use reqwest::{Response, StatusCode};

use test_support::certificates::CertificateFiles;
use test_support::client::problem;
use test_support::command::{microseg, serve};
use test_support::histories::example;
use test_support::keys::{TestKey, server_with_keys};
use test_support::server::Server;
use test_support::wait::TIME_LIMIT;

const ANY_PORT: &[&str] = &["--metrics-addr", "127.0.0.1:0"];

/// The answer at the metrics address.
async fn get_metrics(server: &Server, path: &str) -> Response {
    let url = format!("http://{}{path}", server.metrics_address().unwrap());
    server.http().get(url).send().await.unwrap()
}

#[tokio::test]
async fn metrics_address_needs_no_key_and_serves_nothing_else() {
    let key = TestKey::make("bank", "admin");
    let server = server_with_keys(&[&key], ANY_PORT);
    let metrics = get_metrics(&server, "/metrics").await;
    assert_eq!(metrics.status(), 200);
    assert!(metrics.text().await.unwrap().ends_with("# EOF\n"));
    assert_eq!(get_metrics(&server, "/health/live").await.status(), 200);
    assert_eq!(get_metrics(&server, "/health/ready").await.status(), 200);

    // The metrics address has no other operation, and the main address has no metrics.
    problem(get_metrics(&server, "/v1/models").await, 404).await;
    let asked = server.http().get(server.url("/metrics"));
    problem(asked.bearer_auth(&key.key).send().await.unwrap(), 404).await;
    assert_eq!(server.get("/health/ready").await.status(), 200);
}

#[tokio::test]
async fn requests_are_counted_at_the_metrics_address() {
    let server = Server::start(ANY_PORT);
    server.ask("/v1/score", &example(), 200).await;
    let metrics = get_metrics(&server, "/metrics").await.text().await.unwrap();
    let counted = r#"microseg_requests_total{method="POST",route="/v1/score",status="200"} 1"#;
    assert!(metrics.contains(counted), "{metrics}");
}

#[tokio::test]
async fn draining_server_is_not_ready_at_the_metrics_address() {
    let server = Server::start(&[ANY_PORT, &["--drain-delay", "100000"]].concat());
    server.terminate();
    server.await_event("finishing what is under way");
    let ready = get_metrics(&server, "/health/ready").await;
    assert_eq!(ready.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(get_metrics(&server, "/metrics").await.status(), 200);
}

#[test]
fn public_metrics_address_is_refused_unless_allowed() {
    let output_of = |arguments: &[&str]| serve().args(arguments).output().unwrap();
    let refused = output_of(&["--metrics-addr", "0.0.0.0:0"]);
    let text = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(1), "{text}");
    for part in ["--metrics-addr 0.0.0.0:", "--allow-open-metrics"] {
        assert!(text.contains(part), "expected `{part}` in: {text}");
    }
    let wrong = output_of(&["--metrics-addr", "nowhere"]);
    let text = String::from_utf8(wrong.stderr).unwrap();
    assert_eq!(wrong.status.code(), Some(1), "{text}");
    assert!(text.contains("--metrics-addr nowhere"), "{text}");
}

#[test]
fn health_command_uses_the_servers_variables() {
    let files = CertificateFiles::make();
    let server = files.start(ANY_PORT);
    let certificate = files.certificate();
    let health = |variables: &[(&str, &str)]| {
        let mut command = microseg();
        command.arg("health").envs(variables.iter().copied());
        command.output().unwrap()
    };
    let addressed = ("MICROSEG_ADDR", server.address());
    let certified = ("MICROSEG_TLS_CERTIFICATE", certificate.as_str());
    let probed = ("MICROSEG_METRICS_ADDR", server.metrics_address().unwrap());
    for variables in [&[addressed, certified][..], &[addressed, certified, probed]] {
        let output = health(variables);
        assert!(output.status.success(), "{output:?}");
        assert_eq!(output.stdout, b"ready\n");
    }
    // A server with TLS does not answer without it.
    assert_eq!(health(&[addressed]).status.code(), Some(1));
}

#[tokio::test]
async fn idle_metrics_connection_does_not_delay_shutdown() {
    let mut server = Server::start(ANY_PORT);
    let address = server.metrics_address().unwrap().to_owned();
    let _idle = tokio::net::TcpStream::connect(address).await.unwrap();
    assert_eq!(get_metrics(&server, "/health/live").await.status(), 200);
    let started_at = std::time::Instant::now();
    server.terminate();
    assert!(server.wait().success());
    assert!(started_at.elapsed() < TIME_LIMIT / 2);
}
