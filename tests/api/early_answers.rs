//! Answers that are given before the body of their request was read: the connection stays usable, or says that it closes.

use reqwest::header::CONTENT_TYPE;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::rustls::version::TLS13;

use test_support::bundle_copy::BundleCopy;
use test_support::certificates::{CertificateFiles, connect_tls};
use test_support::keys::{TestKey, server_with_keys};
use test_support::server::Server;
use test_support::wait::TIME_LIMIT;

/// About a history of 2,000 transactions: larger than what hyper reads at once.
const BODY: usize = 135_000;

/// Larger than what the buffers of a connection hold.
const LARGE_BODY: usize = 16_000_000;

const LIVE: &[u8] = b"GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n";

/// A request that is answered by its head alone.
#[derive(Clone)]
struct Early {
    status: u16,
    method: &'static str,
    path: &'static str,
    content_type: &'static str,
    key: Option<String>,
}

impl Early {
    fn new(status: u16, method: &'static str, path: &'static str) -> Self {
        Self {
            status,
            method,
            path,
            content_type: "application/json",
            key: None,
        }
    }

    fn of_type(self, content_type: &'static str) -> Self {
        Self {
            content_type,
            ..self
        }
    }

    fn with_key(self, key: &str) -> Self {
        Self {
            key: Some(key.to_owned()),
            ..self
        }
    }

    fn head(&self, framing: &str) -> String {
        let Self {
            method,
            path,
            content_type,
            key,
            ..
        } = self;
        let key = key.as_ref();
        let key = key.map_or(String::new(), |key| format!("x-api-key: {key}\r\n"));
        format!(
            "{method} {path} HTTP/1.1\r\nhost: x\r\ncontent-type: {content_type}\r\n{key}{framing}\r\n\r\n"
        )
    }

    fn of_length(&self, length: usize) -> Vec<u8> {
        let mut request = self.head(&format!("content-length: {length}")).into_bytes();
        request.resize(request.len() + length, b' ');
        request
    }

    fn chunked(&self, length: usize) -> Vec<u8> {
        const CHUNK: usize = 1_000;
        let mut request = self.head("transfer-encoding: chunked").into_bytes();
        for _ in 0..length / CHUNK {
            request.extend_from_slice(format!("{CHUNK:x}\r\n").as_bytes());
            request.resize(request.len() + CHUNK, b' ');
            request.extend_from_slice(b"\r\n");
        }
        request.extend_from_slice(b"0\r\n\r\n");
        request
    }
}

/// Requests that a server without keys and with a `--max-body-bytes` of 100,000 refuses.
fn refused_without_keys() -> Vec<Early> {
    vec![
        Early::new(404, "POST", "/v1/score?model=nowhere"),
        Early::new(413, "POST", "/v1/models/spending-personality:predict"),
        Early::new(404, "POST", "/v2/models/nowhere/infer"),
        Early::new(413, "POST", "/v2/models/spending-personality/infer"),
        Early::new(404, "POST", "/nowhere"),
        Early::new(405, "POST", "/health/live"),
        Early::new(405, "PUT", "/v1/score"),
        Early::new(415, "POST", "/v1/score").of_type("text/plain"),
        Early::new(415, "POST", "/v1/explain").of_type("text/plain"),
        Early::new(415, "POST", "/v1/stream"),
        Early::new(422, "POST", "/v1/score?version=x"),
        Early::new(422, "POST", "/v1/stream?late=x").of_type("application/x-ndjson"),
        Early::new(413, "POST", "/v1/score"),
        Early::new(413, "POST", "/v1/explain"),
    ]
}

/// An answer: the status, and whether the connection ends with it.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    status: u16,
    closes: bool,
}

/// Reads one answer of a known length.
async fn read_answer(stream: &mut (impl AsyncRead + Unpin)) -> Answer {
    let mut bytes = Vec::new();
    let end_of_head = loop {
        if let Some(end) = bytes.windows(4).position(|part| part == b"\r\n\r\n") {
            break end;
        }
        let read = stream.read_buf(&mut bytes).await.unwrap();
        assert_ne!(read, 0, "{}", String::from_utf8_lossy(&bytes));
    };
    let head = String::from_utf8(bytes[..end_of_head].to_vec()).unwrap();
    let value = |name: &str| {
        let mut lines = head.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    };
    let length: usize = value("content-length").unwrap().parse().unwrap();
    while bytes.len() < end_of_head + 4 + length {
        assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0, "{head}");
    }
    Answer {
        status: head[9..12].parse().unwrap(),
        closes: value("connection") == Some("close"),
    }
}

/// Sends a request and reads its answer at the same time, as HTTP clients do.
async fn ask(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), request: &[u8]) -> Answer {
    let (mut reader, mut writer) = tokio::io::split(stream);
    let sending = async {
        writer.write_all(request).await.unwrap();
        writer.flush().await.unwrap();
    };
    let both = async { tokio::join!(sending, read_answer(&mut reader)).1 };
    tokio::time::timeout(TIME_LIMIT, both).await.unwrap()
}

/// The connection does what its answer said: it ends in order, or takes the next request.
async fn check_connection(mut stream: impl AsyncRead + AsyncWrite + Unpin, answer: &Answer) {
    if answer.closes {
        let ended = tokio::time::timeout(TIME_LIMIT, stream.read(&mut [0; 1])).await;
        assert_eq!(ended.unwrap().unwrap(), 0);
    } else {
        let next = ask(&mut stream, LIVE).await;
        assert_eq!((next.status, next.closes), (200, false));
    }
}

async fn connect(server: &Server) -> TcpStream {
    TcpStream::connect(server.address()).await.unwrap()
}

async fn check_all(server: &Server, cases: &[Early]) {
    for early in cases {
        for (request, closes) in [
            (early.of_length(BODY), false),
            (early.chunked(BODY), true),
            (early.of_length(LARGE_BODY), true),
        ] {
            let mut stream = connect(server).await;
            let answer = ask(&mut stream, &request).await;
            let expected = Answer {
                status: early.status,
                closes,
            };
            assert_eq!(answer, expected, "{} {}", early.method, early.path);
            check_connection(stream, &answer).await;
        }
    }
}

#[tokio::test]
async fn unread_body_keeps_its_connection_or_closes_it_with_notice() {
    let server = Server::start(&["--max-body-bytes", "100000"]);
    check_all(&server, &refused_without_keys()).await;
}

#[tokio::test]
async fn refused_key_keeps_its_connection_or_closes_it_with_notice() {
    let key = TestKey::make("bank", "score");
    let server = server_with_keys(&[&key], &[]);
    let cases = [
        Early::new(401, "POST", "/v1/score"),
        Early::new(401, "POST", "/nowhere"),
        Early::new(403, "POST", "/v1/explain").with_key(&key.key),
        Early::new(403, "POST", "/v1/models/spending-personality:explain").with_key(&key.key),
    ];
    check_all(&server, &cases).await;
}

#[tokio::test]
async fn unnamed_model_among_several_keeps_its_connection_or_closes_it_with_notice() {
    let copy = BundleCopy::make();
    copy.add("other", 1);
    let server = copy.start(&[]);
    check_all(&server, &[Early::new(422, "POST", "/v1/score")]).await;
}

#[tokio::test]
async fn request_beyond_the_rate_keeps_its_connection_or_closes_it_with_notice() {
    let server = Server::start(&["--rate-per-second", "1"]);
    let early = Early::new(429, "POST", "/v1/score?model=nowhere");
    let asking = async {
        let mut kept = 0;
        while kept < 3 {
            let mut stream = connect(&server).await;
            let answer = ask(&mut stream, &early.of_length(BODY)).await;
            check_connection(stream, &answer).await;
            kept += usize::from(answer.status == 429);
        }
    };
    tokio::time::timeout(TIME_LIMIT, asking).await.unwrap();
}

#[tokio::test]
async fn client_that_keeps_its_connections_sees_no_failed_request() {
    let server = Server::start(&["--max-body-bytes", "100000"]);
    for early in refused_without_keys() {
        for length in [BODY, 1_000_000] {
            for _ in 0..5 {
                let method = early.method.parse().unwrap();
                let request = server.request(method, early.path);
                let request = request.header(CONTENT_TYPE, early.content_type);
                let refused = request.body(vec![b' '; length]).send().await.unwrap();
                assert_eq!(refused.status(), early.status, "{}", early.path);
                refused.bytes().await.unwrap();
                assert_eq!(server.get("/health/live").await.status(), 200);
            }
        }
    }
}

#[tokio::test]
async fn client_that_sends_all_before_it_reads_gets_the_answer() {
    let server = Server::start(&["--max-body-bytes", "100000"]);
    for early in refused_without_keys() {
        for request in [early.of_length(LARGE_BODY), early.chunked(LARGE_BODY)] {
            let mut stream = connect(&server).await;
            stream.write_all(&request).await.unwrap();
            let answer = read_answer(&mut stream).await;
            assert_eq!(answer.status, early.status, "{}", early.path);
            check_connection(stream, &answer).await;
        }
    }
}

#[tokio::test]
async fn slow_client_gets_the_answer_before_it_has_sent_the_body() {
    let server = Server::start(&[]);
    let early = Early::new(404, "POST", "/v1/score?model=nowhere");
    let request = early.of_length(BODY);
    let (begin, rest) = request.split_at(request.len() - BODY / 2);
    let mut stream = connect(&server).await;
    let answer = ask(&mut stream, begin).await;
    assert_eq!((answer.status, answer.closes), (404, false));
    stream.write_all(rest).await.unwrap();
    check_connection(stream, &answer).await;
}

#[tokio::test]
async fn client_that_waits_for_permission_is_refused_with_notice() {
    let server = Server::start(&["--max-body-bytes", "100000"]);
    for early in refused_without_keys() {
        let framing = format!("expect: 100-continue\r\ncontent-length: {BODY}");
        let mut stream = connect(&server).await;
        let answer = ask(&mut stream, early.head(&framing).as_bytes()).await;
        let status = early.status;
        assert_eq!(
            answer,
            Answer {
                status,
                closes: true
            }
        );
        // Some clients send the body all the same.
        stream.write_all(&vec![b' '; BODY]).await.unwrap();
        check_connection(stream, &answer).await;
    }
}

#[tokio::test]
async fn body_that_does_not_arrive_in_time_is_answered_with_notice() {
    let server = Server::start(&["--body-timeout", "1"]);
    let mut stream = connect(&server).await;
    let head = Early::new(408, "POST", "/v1/score").head("content-length: 9");
    let answer = ask(&mut stream, head.as_bytes()).await;
    assert_eq!((answer.status, answer.closes), (408, true));
    check_connection(stream, &answer).await;
}

#[tokio::test]
async fn body_with_broken_framing_is_answered_with_notice() {
    let server = Server::start(&[]);
    let mut stream = connect(&server).await;
    let head = Early::new(400, "POST", "/v1/score").head("transfer-encoding: chunked");
    let answer = ask(&mut stream, format!("{head}no length\r\n").as_bytes()).await;
    assert_eq!((answer.status, answer.closes), (400, true));
    check_connection(stream, &answer).await;
}

#[tokio::test]
async fn stream_that_ends_early_leaves_its_connection_usable() {
    let server = Server::start(&[]);
    let mut stream = connect(&server).await;
    let lines = format!("no transaction\n{}", " ".repeat(BODY));
    let head = Early::new(200, "POST", "/v1/stream")
        .of_type("application/x-ndjson")
        .head(&format!("content-length: {}", lines.len()));
    stream.write_all((head + &lines).as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n0\r\n\r\n") {
        let read = tokio::time::timeout(TIME_LIMIT, stream.read_buf(&mut answer)).await;
        assert_ne!(read.unwrap().unwrap(), 0);
    }
    let text = String::from_utf8(answer).unwrap();
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    assert!(!text.contains("connection: close"), "{text}");
    assert_eq!(ask(&mut stream, LIVE).await.status, 200);
}

#[tokio::test]
async fn listener_of_metrics_keeps_its_connection_or_closes_it_with_notice() {
    let server = Server::start(&["--metrics-addr", "127.0.0.1:0"]);
    for (path, status) in [("/nowhere", 404), ("/metrics", 405)] {
        let early = Early::new(status, "POST", path);
        for request in [early.of_length(BODY), early.chunked(BODY)] {
            let address = server.metrics_address().unwrap();
            let mut stream = TcpStream::connect(address).await.unwrap();
            let answer = ask(&mut stream, &request).await;
            assert_eq!(answer.status, status);
            check_connection(stream, &answer).await;
        }
    }
}

#[tokio::test]
async fn unread_body_over_tls_keeps_its_connection_or_closes_it_with_notice() {
    let files = CertificateFiles::make();
    let connector = files.connector(&[&TLS13]);
    let server = files.start(&["--max-body-bytes", "100000"]);
    for early in refused_without_keys() {
        for (request, closes) in [
            (early.of_length(BODY), false),
            (early.chunked(BODY), true),
            (early.of_length(1_000_000), true),
        ] {
            let mut stream = connect_tls(&server, &connector).await.unwrap();
            let answer = ask(&mut stream, &request).await;
            let status = early.status;
            assert_eq!(answer, Answer { status, closes }, "{}", early.path);
            check_connection(stream, &answer).await;
        }
    }
}
