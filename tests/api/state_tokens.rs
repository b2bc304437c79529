//! State tokens: a history in many requests is the history in one, and a token is accepted for its own customer alone.

use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;

use test_support::client::ApiClient;
use test_support::command::documents;
use test_support::described_model::DescribedModel;
use test_support::keys::{TestKey, server_with_keys};
use test_support::ndjson::ndjson_request;
use test_support::server::Server;
use test_support::shared_server::shared_server;

/// Transactions of two years in the order of time; some are at the same moment.
fn transactions(count: usize) -> Vec<Value> {
    let classes = ["groceries", "restaurants", "rent", "telephone"];
    let of = |number: usize| {
        let day = number / 3 * 2;
        let cents = 500 + number * 37 % 9_000;
        json!({
            "id": format!("t-{}", number * 7 % 11),
            "timestamp": format!("{}-{:02}-{:02}T{:02}:00:00Z", 2019 + day / 336, 1 + day / 28 % 12, 1 + day % 28, number % 3 / 2),
            "amount": -(f64::from(u32::try_from(cents).unwrap()) / 100.0),
            "class": classes[number * 5 % 4],
        })
    };
    (0..count).map(of).collect()
}

/// Scores transactions in so many requests, each with the token of the one before; the last answer without its token.
async fn score_in_requests(
    server: &ApiClient,
    path: &str,
    transactions: &[Value],
    requests: usize,
) -> Value {
    let (mut token, mut last) = (None, Value::Null);
    for part in transactions.chunks(transactions.len().div_ceil(requests)) {
        let mut history = json!({"customer_id": "c-1", "transactions": part});
        if let Some(token) = token.take() {
            history["state_token"] = token;
        }
        last = server.ask(path, &history, 200).await;
        token = last.as_object_mut().unwrap().remove("state_token");
    }
    assert!(token.is_some());
    last
}

fn never_forgets(description: &mut Value) {
    description["sequence"]["window"] = json!("all");
}

#[tokio::test]
async fn history_in_many_requests_is_scored_as_in_one() {
    let folder = TempDir::new().unwrap();
    let mut models = Vec::new();
    for (network, is_unlimited) in [
        ("monthly-lstm", false),
        ("event-gru", false),
        ("event-lstm-2", false),
        ("lifestream", false),
        ("event-gru", true),
        ("event-lstm-2", true),
    ] {
        let folder = folder.path().join(format!("{network}-{is_unlimited}"));
        let model = DescribedModel::build(&folder, network, |description| {
            if is_unlimited {
                never_forgets(description);
            }
        });
        models.push((network, is_unlimited, model));
    }
    for (network, is_unlimited, model) in &models {
        let server = Server::start_on(&model.models(), &[]);
        let all = transactions(600);
        let whole = score_in_requests(&server, "/v1/score?state_token=true", &all, 1).await;
        for requests in [2, 20] {
            let path = "/v1/score?state_token=true";
            let parts = score_in_requests(&server, path, &all, requests).await;
            let what = format!("{network}, without a window: {is_unlimited}, {requests}");
            for member in ["features", "traits", "segment", "quality"] {
                assert_eq!(parts[member], whole[member], "{what}");
            }
            let periods = parts["trajectory"].as_array().unwrap();
            let of_whole = whole["trajectory"].as_array().unwrap();
            assert_eq!(
                periods[..],
                of_whole[of_whole.len() - periods.len()..],
                "{what}"
            );
            if !is_unlimited {
                assert_eq!(parts, whole, "{what}");
            }
        }
        server.end();
    }
}

#[tokio::test]
async fn history_of_the_reference_model_goes_on_in_lines_too() {
    let server = shared_server();
    let all = transactions(300);
    let whole = server
        .ask(
            "/v1/score",
            &json!({"customer_id": "c-1", "transactions": all}),
            200,
        )
        .await;
    assert_eq!(whole.get("state_token"), None);
    let path = "/v1/score?state_token=true";
    assert_eq!(score_in_requests(&server, path, &all, 20).await, whole);
    let first = server
        .ask(path, &json!({"transactions": all[..100]}), 200)
        .await;
    let rest = json!({"transactions": all[100..], "state_token": first["state_token"]});
    let lines = format!(
        "{rest}\n{}\n",
        json!({"transactions": [], "state_token": "x"})
    );
    let answer = ndjson_request(&server, path, lines)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let answers = parsed(&answer);
    assert_eq!(answers[0]["features"], whole["features"]);
    assert!(answers[0]["state_token"].is_string());
    assert_eq!(answers[1]["status"], 422);
    assert_eq!(*pointer(&answers[1]), "/state_token");
    // Without a new transaction the state is scored as it is.
    let same = json!({"transactions": [], "state_token": answers[0]["state_token"]});
    assert_eq!(
        server.ask("/v1/score", &same, 200).await["features"],
        whole["features"]
    );
}

/// Lines of JSON, parsed.
fn parsed(text: &str) -> Vec<Value> {
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    documents(&lines)
}

/// The events of a stream.
async fn stream(server: &ApiClient, query: &str, lines: &[Value]) -> Vec<Value> {
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    let body = lines.join("\n");
    let path = format!("/v1/stream?{query}");
    let answer = ndjson_request(server, &path, body).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let text = answer.text().await.unwrap();
    parsed(&text)
}

#[tokio::test]
async fn stream_reports_each_transaction_as_a_scoring_up_to_it_and_goes_on_from_a_token() {
    let folder = TempDir::new().unwrap();
    for is_unlimited in [false, true] {
        let folder = folder.path().join(is_unlimited.to_string());
        let model = DescribedModel::build(&folder, "event-gru", |description| {
            if is_unlimited {
                never_forgets(description);
            }
        });
        let server = Server::start_on(&model.models(), &[]);
        let all = transactions(300);
        let events = stream(&server, "state_token=true", &all).await;
        assert_eq!(events.len(), 301);
        for number in [1, 2, 3, 40, 256, 257, 299, 300] {
            let event = &events[number - 1];
            assert_eq!(
                (&event["event"], &event["number"]),
                (&json!("transaction"), &json!(number))
            );
            // The order of transactions at one moment is that of their ids.
            let reported = &event["timestamp"];
            let is_last_of_its_moment = events
                .get(number)
                .is_none_or(|next| next["timestamp"] != *reported);
            if is_last_of_its_moment {
                let so_far = json!({"transactions": all[..number]});
                let scoring = server.ask("/v1/score", &so_far, 200).await;
                assert_eq!(event["state"], scoring["features"]["state"], "{number}");
                assert_eq!(event["traits"], scoring["traits"], "{number}");
            }
        }
        let score = events.last().unwrap();
        let whole = server
            .ask("/v1/score", &json!({"transactions": all}), 200)
            .await;
        assert_eq!(score["features"], whole["features"]);
        // From the token of a stream over a part.
        let first = stream(&server, "state_token=true&every=period", &all[..280]).await;
        assert!(first.iter().all(|event| event["event"] != "transaction"));
        let token = json!({"state_token": first.last().unwrap()["state_token"]});
        let rest: Vec<Value> = [token]
            .into_iter()
            .chain(all[280..].iter().cloned())
            .collect();
        let second = stream(&server, "every=10", &rest).await;
        let numbers: Vec<_> = second.iter().map(|event| event["number"].clone()).collect();
        assert_eq!(numbers, [json!(290), json!(300), Value::Null]);
        assert_eq!(second[0]["state"], events[289]["state"]);
        assert_eq!(second.last().unwrap()["features"], whole["features"]);
        server.end();
    }
}

#[tokio::test]
async fn stream_of_periods_goes_on_from_a_token() {
    let server = shared_server();
    let all = transactions(1_200);
    let events = stream(&server, "", &all).await;
    let first = stream(&server, "state_token=true", &all[..700]).await;
    let token = json!({"state_token": first.last().unwrap()["state_token"]});
    let rest: Vec<Value> = [token]
        .into_iter()
        .chain(all[700..].iter().cloned())
        .collect();
    let second = stream(&server, "every=period", &rest).await;
    assert_eq!(second.last(), events.last());
    let periods = second.len();
    assert!(periods > 2);
    assert_eq!(second[..], events[events.len() - periods..]);
    // Transactions are no steps of this model.
    let refused = ndjson_request(&server, "/v1/stream?every=1", "")
        .send()
        .await
        .unwrap();
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
}

/// Where a problem is.
fn pointer(problem: &Value) -> &Value {
    &problem["errors"][0]["pointer"]
}

async fn post_with_key(
    server: &ApiClient,
    key: &TestKey,
    path: &str,
    history: &Value,
) -> (u16, Value) {
    let request = server.post_as(path, "application/json", history.to_string());
    let answer = request.bearer_auth(&key.key).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn token_of_another_customer_or_tenant_or_server_is_refused_with_the_reason() {
    let (north, south) = (
        TestKey::of_tenant("n", "north", "score"),
        TestKey::of_tenant("s", "south", "score"),
    );
    let server = server_with_keys(&[&north, &south], &[]);
    let history = |customer: &str, token: &Value, transactions: &[Value]| json!({"customer_id": customer, "state_token": token, "transactions": transactions});
    let all = transactions(60);
    let path = "/v1/score?state_token=true";
    let (status, first) =
        post_with_key(&server, &north, path, &history("c", &Value::Null, &all)).await;
    assert_eq!(status, 200);
    let token = first["state_token"].clone();
    let text = token.as_str().unwrap();
    let forged = json!(format!("{}{}", &text[..text.len() - 9], "AAAAAAAAA"));
    let other_server = shared_server();
    let foreign = other_server
        .ask(path, &history("c", &Value::Null, &all), 200)
        .await;
    for (key, customer, token, words) in [
        (&north, "d", &token, "another customer"),
        (&south, "c", &token, "another tenant"),
        (&north, "c", &forged, "altered"),
        (&north, "c", &json!("hello"), "not a state token"),
        (&north, "c", &foreign["state_token"], "not here any more"),
    ] {
        let (status, refused) =
            post_with_key(&server, key, "/v1/score", &history(customer, token, &[])).await;
        assert_eq!(
            (status, pointer(&refused)),
            (422, &json!("/state_token")),
            "{refused}"
        );
        assert!(
            refused["detail"].as_str().unwrap().contains(words),
            "{refused}"
        );
    }
    let (status, _) = post_with_key(&server, &north, "/v1/score", &history("c", &token, &[])).await;
    assert_eq!(status, 200);
    server.end();
}

#[tokio::test]
async fn servers_with_the_same_keys_open_each_others_tokens_and_keys_are_exchanged_without_a_gap() {
    let entry = |name: &str, digit: &str| format!("{name}:{}", digit.repeat(64));
    let with = |keys: &str| Server::start_with(&[("MICROSEG_STATE_TOKEN_KEYS", keys)], &[]);
    let all = transactions(90);
    let old = with(&entry("a", "1"));
    let first = old
        .ask(
            "/v1/score?state_token=true",
            &json!({"transactions": all[..60]}),
            200,
        )
        .await;
    old.end();
    let rest = json!({"transactions": all[60..], "state_token": first["state_token"]});
    let both = with(&[entry("b", "2"), entry("a", "1")].join(","));
    let second = both.ask("/v1/score?state_token=true", &rest, 200).await;
    both.end();
    let new = with(&entry("b", "2"));
    let refused = new.ask("/v1/score", &rest, 422).await;
    assert_eq!(*pointer(&refused), "/state_token");
    let same = json!({"transactions": [], "state_token": second["state_token"]});
    assert_eq!(
        new.ask("/v1/score", &same, 200).await["features"],
        second["features"]
    );
    new.end();
}

#[tokio::test]
async fn state_that_is_too_large_or_does_not_fit_is_refused_where_it_stands() {
    let folder = TempDir::new().unwrap();
    let model = DescribedModel::build(folder.path(), "event-gru", |description| {
        description["sequence"]["window"] = json!({"events": 50_000});
    });
    let server = Server::start_on(&model.models(), &[]);
    let large = json!({"transactions": transactions(20_000)});
    let refused = server.ask("/v1/score?state_token=true", &large, 422).await;
    assert!(
        refused["detail"]
            .as_str()
            .unwrap()
            .contains("send whole histories"),
        "{refused}"
    );
    server.ask("/v1/score", &large, 200).await;
    let path = "/v1/score?state_token=perhaps";
    server
        .ask(path, &json!({"transactions": transactions(3)}), 422)
        .await;
    server.end();

    let folder = TempDir::new().unwrap();
    let model = DescribedModel::build(folder.path(), "event-gru", never_forgets);
    let server = Server::start_on(&model.models(), &[]);
    let all = transactions(600);
    let first = server
        .ask(
            "/v1/score?state_token=true",
            &json!({"transactions": all}),
            200,
        )
        .await;
    let late = json!({"state_token": first["state_token"], "transactions": [all[599], all[0]]});
    let refused = server.ask("/v1/score", &late, 422).await;
    assert_eq!(*pointer(&refused), "/transactions/1/timestamp");
    server.end();
}
