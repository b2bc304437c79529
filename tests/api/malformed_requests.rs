//! Unusual and invalid bodies, media types, paths and methods.

use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::Value;

use test_support::client::problem;
use test_support::server::Server;
use test_support::shared_server::shared_server;

/// A history of one transaction with this text as its amount.
fn with_amount(amount: &str) -> String {
    format!(
        r#"{{"transactions": [{{"timestamp": "2020-01-01", "class": "rent", "amount": {amount}}}]}}"#
    )
}

/// A history of one transaction with this text as its timestamp.
fn with_timestamp(timestamp: &str) -> String {
    format!(r#"{{"transactions": [{{"timestamp": {timestamp}, "class": "rent", "amount": -1}}]}}"#)
}

#[tokio::test]
async fn unusual_but_valid_bodies_are_scored() {
    let server = shared_server();
    let digits = "1234567890".repeat(6);
    let nested = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for body in [
        with_amount("-1e12"),
        with_amount("-0.00000000000000001"),
        with_amount(&format!("-0.{digits}")),
        with_amount(&format!("-1.{}", "0".repeat(100_000))),
        with_timestamp(r#""2016-12-31T23:59:60Z""#),
        with_timestamp(r#""2016-12-31T23:59:59.999999999+14:00""#),
        with_timestamp(r#""1900-01-01""#),
        with_timestamp(r#""2020-01-01T10:00:00""#),
        with_timestamp(r#""2020-01-01 10:00:00.5""#),
        with_timestamp(r#""2020-01-01T10:00:00+0200""#),
        format!("\u{feff}{}", with_amount("-1")),
        with_timestamp(r#""2200-12-31T23:59:59Z""#),
        // An unknown member may be nested to any depth.
        format!(r#"{{"extra": {nested}, {}"#, &with_amount("-1")[1..]),
        // An amount of zero is valid beside spending.
        with_amount(
            "-0.0, \"x\": 1}, {\"timestamp\": \"2020-01-01\", \"class\": \"rent\", \"amount\": -1",
        ),
        format!("\u{20}\n\t{}\n", with_amount("-1")),
        r#"{"customer_id": "č 客户 🦀", "as_of": null, "unknown_class": null, "explain": null, "transactions": [
            {"id": null, "timestamp": "2020-01-01", "amount": -1, "mcc": null, "class": "rent"}]}"#
            .to_owned(),
    ] {
        let response = server.post("/v1/score", body.clone()).await;
        let status = response.status();
        let text = response.text().await.unwrap();
        assert_eq!(status, 200, "{}: {text}", &body[..body.len().min(200)]);
    }
}

/// Each body is refused with a status and a pointer; afterwards a valid body is scored.
async fn expect_refused(cases: Vec<(String, u16, &str)>) {
    let server = shared_server();
    for (body, status, pointer) in cases {
        let shown = body.chars().take(120).collect::<String>();
        let refused = problem(server.post("/v1/score", body).await, status).await;
        let found = refused["errors"][0]["pointer"].as_str().unwrap();
        assert_eq!(found, pointer, "{shown}: {refused}");
    }
    let valid = server.post("/v1/score", with_amount("-1")).await;
    assert_eq!(valid.status(), 200);
}

#[tokio::test]
async fn invalid_amounts_and_times_are_refused_with_their_pointer() {
    let amount = "/transactions/0/amount";
    let timestamp = "/transactions/0/timestamp";
    let nested = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    expect_refused(vec![
        (with_amount("NaN"), 400, amount),
        (with_amount("-Infinity"), 400, amount),
        (with_amount("1e999"), 422, amount),
        (with_amount("-1.0000001e12"), 422, amount),
        (with_amount(&"9".repeat(60)), 422, amount),
        (with_amount("\"-1\""), 422, amount),
        (with_amount("null"), 422, amount),
        (with_amount("-01"), 400, amount),
        (with_amount(&nested), 422, amount),
        (with_amount("-1, \"amount\": -2"), 422, "/transactions/0"),
        (with_amount("-0.0"), 422, "/transactions"),
        (with_amount("5"), 422, "/transactions"),
        (with_timestamp(r#""0000-01-01""#), 422, timestamp),
        (with_timestamp(r#""9999-12-31T23:59:59Z""#), 422, timestamp),
        (with_timestamp(r#""2020-13-01""#), 422, timestamp),
        (
            with_timestamp(r#""2020-01-01T10:00:00CET""#),
            422,
            timestamp,
        ),
        (with_timestamp("1577836800"), 422, timestamp),
    ])
    .await;
}

#[tokio::test]
async fn invalid_documents_are_refused_with_their_pointer() {
    let nested = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let long = "x".repeat(257);
    let transactions = |members: &str| format!(r#"{{"transactions": [{members}]}}"#);
    let beside = |member: &str| format!(r#"{{{member}, "transactions": []}}"#);
    let timed = r#"{"timestamp": "2020-01-01""#;
    expect_refused(vec![
        (
            transactions(&format!(r#"{timed}, "amount": -1}}"#)),
            422,
            "/transactions",
        ),
        (
            transactions(&format!(r#"{timed}, "mcc": 5411}}"#)),
            422,
            "/transactions/0",
        ),
        (transactions("7"), 422, "/transactions/0"),
        (
            transactions(&format!(r#"{timed}, "amount": -1, "mcc": 10000}}"#)),
            422,
            "/transactions/0/mcc",
        ),
        (
            transactions(&format!(r#"{timed}, "id": "{long}"}}"#)),
            422,
            "/transactions/0/id",
        ),
        (
            beside(&format!(r#""customer_id": "{long}""#)),
            422,
            "/customer_id",
        ),
        (beside(r#""customer_id": "a\nb""#), 422, "/customer_id"),
        (beside(r#""customer_id": "a", "customer_id": "b""#), 422, ""),
        (beside(r#""as_of": "soon""#), 422, "/as_of"),
        (beside(r#""unknown_class": "guess""#), 422, "/unknown_class"),
        (beside(r#""time_zone": "Berlin""#), 422, "/time_zone"),
        (
            beside(r#""mixed_currencies": "skip""#),
            422,
            "/mixed_currencies",
        ),
        (beside(r#""transactions": []"#), 422, ""),
        (r#"{"customer_id": "a"}"#.to_owned(), 422, ""),
        ("[]".to_owned(), 422, ""),
        ("null".to_owned(), 422, ""),
        (nested, 422, ""),
        (String::new(), 400, ""),
        ("{}x".to_owned(), 422, ""),
        (format!("{}x", with_amount("-1")), 400, ""),
        (
            r#"{"transactions": [{"timestamp": "2020-01-01", "amo"#.to_owned(),
            400,
            "/transactions/0",
        ),
    ])
    .await;
}

#[tokio::test]
async fn invalid_utf8_is_refused_with_its_byte() {
    let server = shared_server();
    let mut body = with_amount("-1").into_bytes();
    body[3] = 0xff;
    let refused = problem(server.post("/v1/score", body).await, 400).await;
    assert_eq!(refused["errors"][0]["detail"], "not UTF-8 at byte 3");
}

#[tokio::test]
async fn undeclared_json_answers_415() {
    let server = shared_server();
    let post = || {
        let request = server.request(Method::POST, "/v1/score");
        request.body(with_amount("-1"))
    };
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonp",
    ] {
        let request = post().header(CONTENT_TYPE, content_type);
        problem(request.send().await.unwrap(), 415).await;
    }
    problem(post().send().await.unwrap(), 415).await;
    let compressed = post().header(CONTENT_TYPE, "application/json");
    let compressed = compressed.header("content-encoding", "br");
    problem(compressed.send().await.unwrap(), 415).await;
    let declared = post().header(CONTENT_TYPE, "Application/JSON; charset=utf-8");
    assert_eq!(declared.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn unknown_path_answers_404_and_unknown_method_405() {
    let server = shared_server();
    problem(server.get("/v1/nothing").await, 404).await;
    let wrong = server.get("/v1/score").await;
    assert_eq!(wrong.headers()["allow"], "POST");
    problem(wrong, 405).await;
}

#[tokio::test]
async fn errors_and_log_contain_no_value_of_the_history() {
    // Long enough to be in no id, time or duration by chance.
    let secret = "47118153";
    let server = Server::start(&[]);
    for body in [
        with_amount("\"secret-47118153\""),
        with_timestamp("\"secret-47118153\""),
        r#"{"customer_id": 47118153, "transactions": []}"#.to_owned(),
        r#"{"transactions": [{"timestamp": "2020-01-01", "amount": -1, "class": "secret-47118153"}]}"#
            .to_owned(),
        r#"{"transactions": "secret-47118153"}"#.to_owned(),
    ] {
        let refused: Value = problem(server.post("/v1/score", body).await, 422).await;
        assert!(!refused.to_string().contains(secret), "{refused}");
    }
    assert!(!server.log().contains(secret));
}
