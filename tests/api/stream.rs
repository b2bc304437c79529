//! `POST /v1/stream`: one transaction per line in, events out while the body arrives.

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

use test_support::client::{ApiClient, problem};
use test_support::command::documents;
use test_support::histories::{history, transaction};
use test_support::ndjson::{LineReader, ndjson_request, open_body};
use test_support::raw_http::RawConnection;
use test_support::server::Server;
use test_support::shared_server::shared_server;

fn lines(transactions: &[Value]) -> String {
    let lines: Vec<String> = transactions.iter().map(Value::to_string).collect();
    lines.join("\n") + "\n"
}

/// All events of a stream.
async fn events_of(server: &ApiClient, path: &str, body: String) -> Vec<Value> {
    let lines = LineReader::send(ndjson_request(server, path, body)).await;
    documents(&lines.rest().await)
}

fn of_kind<'a>(events: &'a [Value], kind: &str) -> Vec<&'a Value> {
    let is_kind = |event: &&Value| event["event"] == kind;
    events.iter().filter(is_kind).collect()
}

/// Nine years with a gap, two classes, an income, a refund.
fn nine_years() -> Vec<Value> {
    (2012..=2020)
        .filter(|year| *year != 2015)
        .flat_map(|year| {
            let at = |month: u32| format!("{year}-{month:02}-03T10:00:00Z");
            [
                transaction(&at(1), -20.0 * f64::from(year - 2000), "rent"),
                transaction(&at(2), -35.5, "restaurants"),
                transaction(&at(2), 5.25, "restaurants"),
                transaction(&at(4), 1_000.0, "salary"),
            ]
        })
        .collect()
}

async fn scored(server: &ApiClient, transactions: &[Value]) -> Value {
    server.ask("/v1/score", &history(transactions), 200).await
}

#[tokio::test]
async fn closed_periods_are_sent_at_once_and_the_end_is_the_scoring() {
    let server = shared_server();
    let transactions = nine_years();
    let (sender, body) = open_body();
    let path = "/v1/stream?customer_id=c-1";
    let mut answer = LineReader::send(ndjson_request(&server, path, body)).await;
    let mut closed = 0;
    for (count, transaction) in transactions.iter().enumerate() {
        let year = |one: &Value| one["timestamp"].as_str().unwrap()[..4].to_owned();
        sender.send(format!("{transaction}\n")).unwrap();
        let Some(before) = count
            .checked_sub(1)
            .map(|before| year(&transactions[before]))
        else {
            continue;
        };
        if year(transaction) == before {
            continue;
        }
        // The body is still open, and the event of the closed year equals the last step of a scoring.
        let event = answer.line().await;
        let scoring = scored(&server, &transactions[..count]).await;
        let last = scoring["trajectory"].as_array().unwrap().last().unwrap();
        assert_eq!(event["event"], "period");
        for member in ["period", "state", "traits", "spending", "transactions"] {
            assert_eq!(event[member], last[member], "{member} of {before}");
        }
        assert_eq!(event["segment"], scoring["segment"]);
        assert_eq!(event["attractor"], scoring["attractor"]);
        closed += 1;
        if before == "2014" {
            assert_eq!(answer.line().await["period"], "2015");
            closed += 1;
        }
    }
    assert_eq!(closed, 8);
    drop(sender);
    assert_eq!(answer.line().await["period"], "2020");
    let mut end = answer.line().await;
    assert_eq!(end["event"], "score");
    end.as_object_mut().unwrap().remove("event");
    assert_eq!(end, scored(&server, &transactions).await);
    assert_eq!(answer.text().await, None);
}

#[tokio::test]
async fn late_transaction_is_counted_or_refused() {
    let server = shared_server();
    let mut transactions = vec![
        transaction("2018-05-01", -10.0, "rent"),
        transaction("2019-05-01", -10.0, "rent"),
        transaction("2018-06-01", -99.0, "restaurants"),
        transaction("2019-01-01", -10.0, "restaurants"),
    ];
    transactions[2]["id"] = json!("t-77");
    let events = events_of(&server, "/v1/stream", lines(&transactions)).await;
    let kinds: Vec<_> = events
        .iter()
        .map(|event| event["event"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["period", "late", "period", "score"]);
    assert_eq!(
        events[1],
        json!({"event": "late", "line": 3, "id": "t-77", "period": "2018"})
    );
    let quality = events[3]["quality"].clone();
    assert_eq!(
        [&quality["transactions"], &quality["used"], &quality["late"]],
        [4, 3, 1]
    );
    let in_time = scored(
        &server,
        &[
            transactions[0].clone(),
            transactions[1].clone(),
            transactions[3].clone(),
        ],
    )
    .await;
    assert_eq!(events[3]["features"], in_time["features"]);

    let events = events_of(&server, "/v1/stream?late=reject", lines(&transactions)).await;
    assert_eq!(events.len(), 2, "{events:?}");
    let refused = of_kind(&events, "problem")[0];
    assert_eq!([&refused["status"], &refused["line"]], [422, 3]);
    assert_eq!(refused["errors"][0]["pointer"], "/timestamp");
}

#[tokio::test]
async fn as_of_ends_the_window_like_in_a_history() {
    let server = shared_server();
    let transactions = nine_years();
    let path = "/v1/stream?customer_id=c-1&as_of=2019-02-03T10:00:00Z";
    let events = events_of(&server, path, lines(&transactions)).await;
    let mut whole = history(&transactions);
    whole["as_of"] = json!("2019-02-03T10:00:00Z");
    let scoring = server.ask("/v1/score", &whole, 200).await;
    let end = of_kind(&events, "score")[0];
    for member in ["features", "trajectory", "quality", "customer_id"] {
        assert_eq!(end[member], scoring[member], "{member}");
    }
    let last = of_kind(&events, "period").len() - 1;
    assert_eq!(of_kind(&events, "period")[last]["period"], "2019");
    assert_eq!(
        of_kind(&events, "period")[last]["state"],
        scoring["features"]["state"]
    );

    // Periods without transactions have events too.
    let path = "/v1/stream?as_of=2022-01-01";
    let events = events_of(&server, path, lines(&transactions[..4])).await;
    assert_eq!(of_kind(&events, "period").len(), 10);
    assert_eq!(events.last().unwrap()["event"], "problem");
}

#[tokio::test]
async fn bad_line_ends_the_stream_with_its_number() {
    let server = Server::start(&["--max-transactions", "3"]);
    let good = transaction("2019-05-01", -10.0, "rent");
    for (line, status, pointer) in [
        (json!("x"), 422, ""),
        (transaction("2019-13-01", -10.0, "rent"), 422, "/timestamp"),
        (transaction("2019-11-01", -10.0, "Zmizelý"), 422, "/class"),
        (json!({"timestamp": "2019-11-01", "class": "rent"}), 422, ""),
    ] {
        let body = lines(&[good.clone(), line, good.clone()]);
        let events = events_of(&server, "/v1/stream", body).await;
        assert_eq!(events.len(), 1);
        let problem = &events[0];
        assert_eq!(problem["event"], "problem");
        assert_eq!(
            [&problem["status"], &problem["line"]],
            [status, 2],
            "{problem}"
        );
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
        assert!(!problem.to_string().contains("Zmizelý"));
    }
    let events = events_of(&server, "/v1/stream", "{\"timestamp\n".to_owned()).await;
    assert_eq!([&events[0]["status"], &events[0]["line"]], [400, 1]);
    let skipped = lines(&[good.clone(), transaction("2019-11-01", -10.0, "Zmizelý")]);
    let events = events_of(&server, "/v1/stream?unknown_class=skip", skipped).await;
    assert_eq!(events[1]["quality"]["unclassified"], 1);
    let events = events_of(&server, "/v1/stream", lines(&vec![good; 4])).await;
    assert!(
        events[0]["detail"]
            .as_str()
            .unwrap()
            .contains("max_transactions")
    );
    let events = events_of(&server, "/v1/stream", String::new()).await;
    assert_eq!(events[0]["status"], 422);
}

#[tokio::test]
async fn invalid_stream_query_is_refused_before_the_body() {
    let server = shared_server();
    for query in [
        "late=sometimes",
        "unknown_class=ignore",
        "as_of=yesterday",
        "customer_id=",
        "late=count&late=reject",
        "as-of=2020-01-01",
    ] {
        let path = format!("/v1/stream?{query}");
        let response = ndjson_request(&server, &path, "").send().await.unwrap();
        let problem = problem(response, 422).await;
        let detail = problem["detail"].as_str().unwrap();
        let parameter = query.split('=').next().unwrap().replace('-', "_");
        assert!(detail.contains(&parameter), "{detail}");
    }
    let response = server.post("/v1/stream", "{}").await;
    problem(response, 415).await;
}

/// A stream's head and some of its lines, in one chunk of a body that has no end.
fn open_stream(lines: &str) -> String {
    format!(
        "POST /v1/stream HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-ndjson\r\n\
         transfer-encoding: chunked\r\n\r\n{:x}\r\n{lines}\r\n",
        lines.len()
    )
}

/// Sends lines without end, until the connection ends.
async fn send_without_end(mut connection: RawConnection) {
    let line = transaction("2019-05-01", -10.0, "rent").to_string() + "\n";
    let chunk = format!("{:x}\r\n{line}\r\n", line.len());
    while connection.try_send(&chunk).await.is_ok() {}
}

/// A server that ends by itself only when all that is under way has ended.
fn patient_server() -> Server {
    let unreached = "100000";
    Server::start(&["--grace-period", unreached, "--body-timeout", unreached])
}

#[tokio::test]
async fn answer_ends_with_its_last_line_whatever_the_client_sends() {
    let mut server = patient_server();
    let mut silent = RawConnection::open(&server).await;
    let mut sending = RawConnection::open(&server).await;
    for connection in [&mut silent, &mut sending] {
        connection.send(open_stream("no transaction\n")).await;
        let answer = connection.read_until(b"\r\n0\r\n\r\n").await.unwrap();
        let answer = String::from_utf8(answer).unwrap();
        assert!(answer.contains("\"event\":\"problem\""), "{answer}");
    }
    let sending = tokio::spawn(send_without_end(sending));
    server.terminate();
    assert!(server.wait().success());
    silent.await_end().await;
    sending.await.unwrap();
}

#[tokio::test]
async fn what_open_streams_keep_counts_as_held_bytes() {
    let most = "524288";
    let server = Server::start(&[
        "--max-body-bytes",
        most,
        "--max-held-bytes",
        most,
        "--caller-share",
        "100",
    ]);
    // The sums of three centuries take half of that.
    let years = (1900..=2200).map(|year| transaction(&format!("{year}-05-01"), -10.0, "rent"));
    let years = lines(&years.collect::<Vec<_>>());
    let mut first = RawConnection::open(&server).await;
    first.send(open_stream(&years)).await;
    first.read_until(b"\"2199\"").await.unwrap();
    let mut second = RawConnection::open(&server).await;
    second.send(open_stream(&years)).await;
    let refused = second.read_until(b"\r\n0\r\n\r\n").await.unwrap();
    let refused = String::from_utf8(refused).unwrap();
    assert!(refused.contains("urn:microseg:problem:busy"), "{refused}");
    // Short ones go on, and what the first one has kept is free after it.
    let short = nine_years();
    assert_eq!(
        events_of(&server, "/v1/stream", lines(&short))
            .await
            .last()
            .unwrap()["event"],
        "score"
    );
    first.send("0\r\n\r\n").await;
    first.read_until(b"\r\n0\r\n\r\n").await.unwrap();
    let events = events_of(&server, "/v1/stream", years).await;
    assert_eq!(events.last().unwrap()["event"], "score");
}

#[tokio::test]
async fn end_of_the_server_ends_open_streams() {
    let mut server = patient_server();
    let line = transaction("2019-05-01", -10.0, "rent").to_string() + "\n";
    let mut silent = RawConnection::open(&server).await;
    silent.send(open_stream(&line)).await;
    let mut sending = RawConnection::open(&server).await;
    sending.send(open_stream(&line)).await;
    // Both answers have begun.
    for connection in [&mut silent, &mut sending] {
        connection.read_until(b"\r\n\r\n").await.unwrap();
    }
    let (_, mut writer) = tokio::io::split(sending.into_stream());
    let sending = tokio::spawn(async move {
        let chunk = format!("{:x}\r\n{line}\r\n", line.len());
        while writer.write_all(chunk.as_bytes()).await.is_ok() {}
    });
    server.terminate();
    let end = silent.read_until(b"\r\n0\r\n\r\n").await.unwrap();
    let end = String::from_utf8(end).unwrap();
    assert!(end.contains("not-ready"), "{end}");
    assert!(server.wait().success());
    sending.await.unwrap();
}

#[tokio::test]
async fn time_zone_and_currencies_of_a_stream_are_those_of_the_history() {
    let server = shared_server();
    let booking = |timestamp: &str, currency: &str| {
        let mut booking = transaction(timestamp, -7.0, "rent");
        booking["currency"] = json!(currency);
        booking
    };
    let transactions = [
        booking("2019-06-01 10:00:00", "EUR"),
        booking("2020-01-01T04:30:00Z", "USD"),
        booking("2020-01-01", "EUR"),
    ];
    let query = "customer_id=c-1&time_zone=America/New_York&mixed_currencies=add";
    let events = events_of(
        &server,
        &format!("/v1/stream?{query}"),
        lines(&transactions),
    )
    .await;
    let closed = of_kind(&events, "period");
    let spending: Vec<&Value> = closed.iter().map(|event| &event["spending"]).collect();
    assert_eq!(spending, [&json!(14.0), &json!(7.0)]);
    let mut last = events.last().unwrap().clone();
    last.as_object_mut().unwrap().remove("event");
    let mut document = history(&transactions);
    document["time_zone"] = json!("America/New_York");
    document["mixed_currencies"] = json!("add");
    assert_eq!(last, server.ask("/v1/score", &document, 200).await);

    let refused = events_of(&server, "/v1/stream", lines(&transactions)).await;
    let last = refused.last().unwrap();
    assert_eq!(last["event"], "problem");
    assert!(
        last["detail"]
            .as_str()
            .unwrap()
            .contains("another currency"),
        "{last}"
    );
    let unknown = ndjson_request(&server, "/v1/stream?time_zone=Berlin", lines(&transactions));
    assert_eq!(unknown.send().await.unwrap().status(), 422);
}
