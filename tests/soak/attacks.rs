//! Attacks on the memory of a server, each repeated until the end.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

/// Pause of a client that reads or sends slowly, below the server's time limits.
const SLOWLY: Duration = Duration::from_millis(500);

const INSTANCE: &str = r#"{"transactions":[{"timestamp":"2015-01-01","amount":-1,"mcc":5812},{"timestamp":"2020-01-01","amount":-1,"mcc":5411}]}"#;

/// Begins all attacks.
pub(crate) fn begin(attackers: &mut JoinSet<()>, address: &str, end: Instant) {
    let instances = |count: usize, one: &str| {
        let all = vec![one; count].join(",");
        format!(r#"{{"instances":[{all}]}}"#)
    };
    let explained = INSTANCE.replacen(
        '{',
        r#"{"explain":{"level":"cell","target":"state","samples":512,"top":1000},"#,
        1,
    );
    let line = format!("{INSTANCE}\n");
    let profiles = 40_000;
    let zeros = vec!["0"; 97 * profiles].join(",");
    let infer = format!(
        r#"{{"inputs":[{{"name":"profile","datatype":"FP32","shape":[{profiles},1,97],"data":[{zeros}]}}]}}"#
    );
    let model = "/v1/models/spending-personality";
    let predict = request(
        &format!("{model}:predict"),
        "application/json",
        &instances(60_000, INSTANCE),
    );
    let explain = request(
        &format!("{model}:explain"),
        "application/json",
        &instances(17, &explained),
    );
    let too_many = request(
        &format!("{model}:explain"),
        "application/json",
        &instances(5_000, &explained),
    );
    let ndjson = request("/v1/score", "application/x-ndjson", &line.repeat(60_000));
    let infer = request(
        "/v2/models/spending-personality/infer",
        "application/json",
        &infer,
    );
    let list =
        "GET /v1/explanations?customer_id=c&limit=100 HTTP/1.1\r\nhost: x\r\n\r\n".to_owned();
    let unknown = request("/nothing", "application/json", &" ".repeat(60_000));
    let of_stream = "POST /v1/stream HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-ndjson\r\n\
        transfer-encoding: chunked\r\n\r\n"
        .to_owned();
    // What is kept of them grows with each year.
    let years = (1900..=2200).map(|year| {
        let line = format!("{{\"timestamp\":\"{year}-01-01\",\"amount\":-1,\"mcc\":5812}}\n");
        format!("{:x}\r\n{line}\r\n", line.len())
    });
    let of_years = of_stream.clone() + &years.collect::<String>();
    let unfinished_head = format!("GET / HTTP/1.1\r\nhost: x\r\nx: {}", "a".repeat(60_000));
    let unfinished_body = predict[..6_000_000].to_owned();

    for (count, bytes, reading) in [
        (2, predict.clone(), Reading::Fast),
        (6, predict, Reading::Slow),
        (2, explain, Reading::Fast),
        (1, too_many, Reading::Fast),
        (6, ndjson, Reading::Slow),
        (2, infer.clone(), Reading::Fast),
        (4, infer, Reading::Slow),
        (8, list, Reading::Fast),
        (300, unknown, Reading::Once),
        (100, of_stream, Reading::Once),
        (100, of_years, Reading::Slow),
        (700, unfinished_head, Reading::Once),
        (20, unfinished_body, Reading::Once),
    ] {
        // All of a kind send the same bytes.
        let bytes: std::sync::Arc<str> = bytes.into();
        for _ in 0..count {
            attackers.spawn(repeat(address.to_owned(), bytes.clone(), reading, end));
        }
    }
}

fn request(path: &str, media_type: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: {media_type}\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

/// How an attacker reads what it is answered.
#[derive(Clone, Copy)]
enum Reading {
    /// All of it, and then it comes again.
    Fast,
    /// A little, as long as the connection lasts.
    Slow,
    /// What there is, and then it waits for the end of the connection.
    Once,
}

async fn repeat(address: String, bytes: std::sync::Arc<str>, reading: Reading, end: Instant) {
    while Instant::now() < end {
        // A refused or broken connection is an answer too.
        let _ = timeout_at(end, attack(&address, bytes.as_bytes(), reading)).await;
    }
}

async fn attack(address: &str, bytes: &[u8], reading: Reading) -> std::io::Result<()> {
    let stream = TcpStream::connect(address).await;
    let Ok(stream) = stream else {
        tokio::time::sleep(SLOWLY).await;
        return Ok(());
    };
    let (mut reader, mut writer) = stream.into_split();
    let sending = async { writer.write_all(bytes).await };
    let receiving = async {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let part = match reading {
                Reading::Slow => 4 * 1024,
                Reading::Fast | Reading::Once => buffer.len(),
            };
            let read = reader.read(&mut buffer[..part]).await?;
            if read == 0 {
                return Ok(());
            }
            match reading {
                Reading::Slow => tokio::time::sleep(SLOWLY).await,
                // The last part of an answer: whatever its framing, little of it is left.
                Reading::Fast if read < part && is_end(&buffer[..read]) => return Ok(()),
                Reading::Fast | Reading::Once => {}
            }
        }
    };
    let (sent, received) = tokio::join!(sending, receiving);
    sent.and(received)
}

/// Whether an answer may end here: with the last chunk, or with a document's last brace.
fn is_end(bytes: &[u8]) -> bool {
    bytes.ends_with(b"0\r\n\r\n") || bytes.ends_with(b"}")
}
