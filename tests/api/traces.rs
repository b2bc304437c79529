//! Traces: the spans that a collector receives, and the trace id in the log.

use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use prost::Message;
use reqwest::Method;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use test_support::command::microseg;
use test_support::histories::example;
use test_support::server::Server;
use test_support::wait::TIME_LIMIT;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

/// Collector of OTLP on a port of its own; it keeps the requests.
struct Collector {
    endpoint: String,
    requests: UnboundedReceiver<Bytes>,
}

impl Collector {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let (sender, requests) = unbounded_channel();
        let take = post(async move |body: Bytes| {
            // The test may be over.
            let _ = sender.send(body);
        });
        let router = Router::new().route("/v1/traces", take);
        tokio::spawn(async { axum::serve(listener, router).await });
        Self { endpoint, requests }
    }

    /// A server that sends its spans to the collector.
    fn server(&self, more: &[&str]) -> Server {
        let variables = [("OTEL_BSP_SCHEDULE_DELAY", "50")];
        let arguments = ["--otlp-endpoint", self.endpoint.as_str()];
        Server::start_with(&variables, &[&arguments, more].concat())
    }

    /// The spans, and the bytes, that arrived until the server ended.
    fn after(mut self, mut server: Server) -> (Vec<Span>, Vec<u8>) {
        server.terminate();
        assert!(server.wait().success());
        let mut spans = Vec::new();
        let mut bytes = Vec::new();
        while let Ok(request) = self.requests.try_recv() {
            let sent = ExportTraceServiceRequest::decode(request.clone()).unwrap();
            for resource in sent.resource_spans {
                let attributes = resource.resource.unwrap().attributes;
                assert_eq!(
                    text(&attributes, "service.name").as_deref(),
                    Some("microseg")
                );
                let scopes = resource.scope_spans.into_iter();
                spans.extend(scopes.flat_map(|scope| scope.spans));
            }
            bytes.extend(request);
        }
        (spans, bytes)
    }
}

fn value(attributes: &[KeyValue], name: &str) -> Option<Value> {
    let found = attributes.iter().find(|attribute| attribute.key == name);
    found?.value.clone()?.value
}

fn text(attributes: &[KeyValue], name: &str) -> Option<String> {
    match value(attributes, name)? {
        Value::StringValue(text) => Some(text),
        _ => None,
    }
}

async fn score_in_trace(server: &Server, sampled: &str) {
    let request = server.http().post(server.url("/v1/score"));
    let request = request
        .header("content-type", "application/json")
        .header("traceparent", format!("00-{TRACE}-{PARENT}-{sampled}"))
        .header("x-request-id", "traced-1");
    let answer = request.body(example().to_string()).send().await.unwrap();
    assert_eq!(answer.status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn request_is_a_span_of_the_callers_trace() {
    let collector = Collector::start().await;
    let server = collector.server(&[]);
    score_in_trace(&server, "01").await;
    assert_eq!(server.await_event("answered")["trace_id"], TRACE);

    let (spans, _) = collector.after(server);
    let [span] = &spans[..] else {
        panic!("{spans:?}");
    };
    assert_eq!(span.name, "POST /v1/score");
    assert_eq!(span.kind(), SpanKind::Server);
    assert_eq!(hex::encode(&span.trace_id), TRACE);
    assert_eq!(hex::encode(&span.parent_span_id), PARENT);
    assert!(span.end_time_unix_nano > span.start_time_unix_nano);
    let attributes = &span.attributes;
    for (name, expected) in [
        ("http.request.method", "POST"),
        ("http.route", "/v1/score"),
        ("microseg.request_id", "traced-1"),
    ] {
        assert_eq!(text(attributes, name).as_deref(), Some(expected), "{name}");
    }
    let status = value(attributes, "http.response.status_code");
    assert_eq!(status, Some(Value::IntValue(200)));
    let took = |stage: &str| match value(attributes, &format!("microseg.{stage}_ms")) {
        Some(Value::DoubleValue(milliseconds)) => milliseconds,
        other => panic!("{stage}: {other:?}"),
    };
    let all = Duration::from_nanos(span.end_time_unix_nano - span.start_time_unix_nano);
    assert!(took("parse") > 0.0 && took("network") > 0.0);
    assert!(took("parse") + took("network") <= all.as_secs_f64() * 1e3);
}

#[tokio::test(flavor = "multi_thread")]
async fn unsampled_traces_and_probes_send_no_span() {
    let collector = Collector::start().await;
    let server = collector.server(&[]);
    score_in_trace(&server, "00").await;
    assert_eq!(server.get("/health/ready").await.status(), 200);
    assert_eq!(server.get("/metrics").await.status(), 200);
    let (spans, _) = collector.after(server);
    assert!(spans.is_empty(), "{spans:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn spans_contain_no_customer_and_the_status() {
    let collector = Collector::start().await;
    let server = collector.server(&[]);
    let mut history = example();
    history["customer_id"] = "customer-4711-kept-out".into();
    server.ask("/v1/score", &history, 200).await;
    let address = server.url("/v1/customers/customer-4711-kept-out?reason=asked");
    let erased = server.http().request(Method::DELETE, address).send().await;
    let status = erased.unwrap().status();
    let (spans, bytes) = collector.after(server);
    assert_eq!(spans.len(), 2);
    assert_eq!(spans[1].name, "DELETE /v1/customers/{id}");
    let recorded = value(&spans[1].attributes, "http.response.status_code");
    assert_eq!(recorded, Some(Value::IntValue(status.as_u16().into())));
    let code = spans[1].status.as_ref().map_or(0, |status| status.code);
    assert_eq!(code == StatusCode::Error as i32, status.is_server_error());
    let found = String::from_utf8_lossy(&bytes).contains("4711-kept-out");
    assert!(!found, "a customer's id is in a span");
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_collector_does_not_delay_shutdown() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let mut server = Server::start(&["--otlp-endpoint", &endpoint]);
    server.ask("/v1/score", &example(), 200).await;
    let started_at = std::time::Instant::now();
    server.terminate();
    assert!(server.wait().success());
    assert!(started_at.elapsed() < TIME_LIMIT / 2);
}

#[test]
fn invalid_collector_address_is_refused_at_start() {
    for (endpoint, part) in [
        ("collector:4318", "expected an address"),
        (
            "http://name:secret@collector:4318",
            "OTEL_EXPORTER_OTLP_HEADERS",
        ),
    ] {
        let mut command = microseg();
        let output = command
            .args(["serve", "--otlp-endpoint", endpoint])
            .output();
        let output = output.unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.contains(part), "{text}");
    }
}
