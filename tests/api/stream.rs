//! `POST /v1/stream`: a transaction a line in, what happens out, at once.

use serde_json::{Value, json};

use crate::histories::{history, spent};
use crate::lines::{Answer, arriving, sending};
use crate::server::{Server, problem};

fn lines(transactions: &[Value]) -> String {
    let lines: Vec<String> = transactions.iter().map(Value::to_string).collect();
    lines.join("\n") + "\n"
}

/// All that a stream tells.
async fn told(server: &Server, path: &str, body: String) -> Vec<Value> {
    let mut answer = Answer::to(sending(server, path, body)).await;
    let mut events = Vec::new();
    while let Some(text) = answer.text().await {
        events.push(serde_json::from_str(&text).unwrap());
    }
    events
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
                spent(&at(1), -20.0 * f64::from(year - 2000), "rent"),
                spent(&at(2), -35.5, "restaurants"),
                spent(&at(2), 5.25, "restaurants"),
                spent(&at(4), 1_000.0, "salary"),
            ]
        })
        .collect()
}

async fn scored(server: &Server, transactions: &[Value]) -> Value {
    server.ask("/v1/score", &history(transactions), 200).await
}

#[tokio::test]
async fn each_period_is_told_as_it_closes_and_the_end_is_the_scoring_of_all() {
    let server = Server::start(&[]);
    let transactions = nine_years();
    let (sender, body) = arriving();
    let path = "/v1/stream?customer_id=c-1";
    let mut answer = Answer::to(sending(&server, path, body)).await;
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
        // The body is still open, and the year before is told already, as if it were the last.
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
async fn a_late_transaction_is_named_and_counted_or_refused() {
    let server = Server::start(&[]);
    let mut transactions = vec![
        spent("2018-05-01", -10.0, "rent"),
        spent("2019-05-01", -10.0, "rent"),
        spent("2018-06-01", -99.0, "restaurants"),
        spent("2019-01-01", -10.0, "restaurants"),
    ];
    transactions[2]["id"] = json!("t-77");
    let events = told(&server, "/v1/stream", lines(&transactions)).await;
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

    let events = told(&server, "/v1/stream?late=reject", lines(&transactions)).await;
    assert_eq!(events.len(), 2, "{events:?}");
    let refused = of_kind(&events, "problem")[0];
    assert_eq!([&refused["status"], &refused["line"]], [422, 3]);
    assert_eq!(refused["errors"][0]["pointer"], "/timestamp");
}

#[tokio::test]
async fn as_of_ends_the_window_as_it_does_in_a_history() {
    let server = Server::start(&[]);
    let transactions = nine_years();
    let path = "/v1/stream?customer_id=c-1&as_of=2019-02-03T10:00:00Z";
    let events = told(&server, path, lines(&transactions)).await;
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

    // Periods without any transaction pass too.
    let path = "/v1/stream?as_of=2022-01-01";
    let events = told(&server, path, lines(&transactions[..4])).await;
    assert_eq!(of_kind(&events, "period").len(), 10);
    assert_eq!(events.last().unwrap()["event"], "problem");
}

#[tokio::test]
async fn a_bad_line_ends_the_stream_where_it_stands() {
    let server = Server::start(&["--max-transactions", "3"]);
    let good = spent("2019-05-01", -10.0, "rent");
    for (line, status, pointer) in [
        (json!("x"), 422, ""),
        (spent("2019-13-01", -10.0, "rent"), 422, "/timestamp"),
        (spent("2019-11-01", -10.0, "Zmizelý"), 422, "/class"),
        (json!({"timestamp": "2019-11-01", "amount": 1}), 422, ""),
        (json!({"timestamp": "2019-11-01", "class": "rent"}), 422, ""),
    ] {
        let body = lines(&[good.clone(), line, good.clone()]);
        let events = told(&server, "/v1/stream", body).await;
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
    let events = told(&server, "/v1/stream", "{\"timestamp\n".to_owned()).await;
    assert_eq!([&events[0]["status"], &events[0]["line"]], [400, 1]);
    let skipped = lines(&[good.clone(), spent("2019-11-01", -10.0, "Zmizelý")]);
    let events = told(&server, "/v1/stream?unknown_class=skip", skipped).await;
    assert_eq!(events[1]["quality"]["unclassified"], 1);
    let events = told(&server, "/v1/stream", lines(&vec![good; 4])).await;
    assert!(
        events[0]["detail"]
            .as_str()
            .unwrap()
            .contains("max_transactions")
    );
    let events = told(&server, "/v1/stream", String::new()).await;
    assert_eq!(events[0]["status"], 422);
}

#[tokio::test]
async fn what_a_stream_cannot_be_asked_for_is_refused_before_it_begins() {
    let server = Server::start(&[]);
    for query in [
        "late=sometimes",
        "unknown_class=ignore",
        "as_of=yesterday",
        "customer_id=",
        "late=count&late=reject",
        "as-of=2020-01-01",
    ] {
        let path = format!("/v1/stream?{query}");
        let response = sending(&server, &path, "").send().await.unwrap();
        let problem = problem(response, 422).await;
        let detail = problem["detail"].as_str().unwrap();
        let parameter = query.split('=').next().unwrap().replace('-', "_");
        assert!(detail.contains(&parameter), "{detail}");
    }
    let response = server.post("/v1/stream", "{}").await;
    problem(response, 415).await;
}
