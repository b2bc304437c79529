//! `POST /v1/score` with `resamples`: how sure a scoring is.

use serde_json::{Value, json};

use test_support::client::problem;
use test_support::described_model::DescribedModel;
use test_support::described_networks::{Built, cases};
use test_support::histories::{card_payments, example, history, transaction};
use test_support::ndjson::{LineReader, ndjson_request};
use test_support::server::Server;
use test_support::shared_server::shared_server;

fn with_resamples(mut history: Value, count: Value) -> Value {
    history["resamples"] = count;
    history
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

#[tokio::test]
async fn certainty_has_intervals_around_the_numbers_and_shares_of_segments() {
    let server = shared_server();
    let plain = server.ask("/v1/score", &example(), 200).await;
    assert!(plain.get("certainty").is_none());
    let sure = with_resamples(example(), json!(200));
    let mut scoring = server.ask("/v1/score", &sure, 200).await;
    assert_eq!(scoring, server.ask("/v1/score", &sure, 200).await);
    let certainty = scoring["certainty"].take();
    scoring.as_object_mut().unwrap().remove("certainty");
    assert_eq!(scoring, plain);

    assert_eq!(certainty["resamples"], 200);
    let segments = certainty["segments"].as_array().unwrap();
    let sum: f64 = segments.iter().map(|one| number(&one["share"])).sum();
    assert!((sum - 1.0).abs() < 1e-9);
    let own = segments
        .iter()
        .find(|one| one["id"] == plain["segment"]["id"]);
    let share = own.map_or(0.0, |own| number(&own["share"]));
    assert!((share - number(&certainty["same_segment"])).abs() < 1e-12);
    let mut widest: f64 = 0.0;
    for (name, value) in plain["traits"].as_object().unwrap() {
        let [low, high] = [0, 1].map(|end| number(&certainty["traits"][name][end]));
        // Resamples have a little more noise than the customer, not another center.
        let slack = high - low;
        assert!(
            (low - slack..=high + slack).contains(&number(value)),
            "{name}"
        );
        widest = widest.max(slack);
    }
    assert!(widest > 0.0 && widest < 0.5, "{widest}");
    let state = certainty["state"].as_array().unwrap();
    assert_eq!(
        state.len(),
        plain["features"]["state"].as_array().unwrap().len()
    );
}

#[tokio::test]
async fn many_small_payments_are_surer_than_few_large_ones() {
    let server = shared_server();
    let width = async |history: Value| {
        let sure = with_resamples(history, json!(100));
        let scoring = server.ask("/v1/score", &sure, 200).await;
        let ends = &scoring["certainty"]["traits"]["openness"];
        number(&ends[1]) - number(&ends[0])
    };
    let payments = |count| serde_json::from_str::<Value>(&card_payments(count)).unwrap();
    let [few, many] = [width(payments(60)).await, width(payments(6_000)).await];
    assert!(few > 3.0 * many, "{few} {many}");
    // One class alone is all of each period, however often it counts.
    let alone: Vec<Value> = (1..=28)
        .map(|day| transaction(&format!("2020-01-{day:02}"), -10.0, "rent"))
        .collect();
    assert!(width(history(&alone)).await < 1e-6);
}

#[tokio::test]
async fn count_out_of_range_or_a_history_of_a_token_is_refused_at_its_member() {
    let server = shared_server();
    for count in [json!(19), json!(1_001), json!("many"), json!(-1)] {
        let body = with_resamples(example(), count).to_string();
        let refused = problem(server.post("/v1/score", body).await, 422).await;
        assert_eq!(refused["errors"][0]["pointer"], "/resamples");
    }
    let none = with_resamples(example(), Value::Null);
    let scoring = server.ask("/v1/score", &none, 200).await;
    assert!(scoring.get("certainty").is_none());

    let kept = server
        .ask("/v1/score?state_token=true", &example(), 200)
        .await;
    let mut later = history(&[transaction("2024-01-01", -10.0, "rent")]);
    later["customer_id"] = example()["customer_id"].clone();
    later["state_token"] = kept["state_token"].clone();
    server.ask("/v1/score", &later, 200).await;
    let body = with_resamples(later, json!(100)).to_string();
    let refused = problem(server.post("/v1/score", body).await, 422).await;
    assert_eq!(refused["errors"][0]["pointer"], "/resamples");
}

#[tokio::test]
async fn lines_do_not_know_the_member() {
    let server = shared_server();
    let body = with_resamples(example(), json!(100)).to_string();
    let line = LineReader::send(ndjson_request(&server, "/v1/score", body))
        .await
        .line()
        .await;
    assert!(line.get("certainty").is_none());
    let warnings = line["quality"]["warnings"].to_string();
    assert!(
        warnings.contains("`resamples` is not known here"),
        "{warnings}"
    );
}

#[tokio::test]
async fn model_that_reads_other_numbers_of_periods_has_no_resamples() {
    let built = Built::of(&["monthly-lstm"]);
    let server = Server::start_on(&built.models(), &[]);
    let history = cases("monthly-lstm")[0]["history"].clone();
    let body = with_resamples(history, json!(100)).to_string();
    let refused = problem(server.post("/v1/score", body).await, 422).await;
    assert_eq!(refused["errors"][0]["pointer"], "/resamples");
}

/// Payments in so many months of so many each; amounts and classes change from month to month where habits do.
fn monthly_payments(months: usize, each: usize, habits_change: bool) -> Value {
    let classes = ["groceries", "restaurants", "rent"];
    let transactions = (0..months * each).map(|number| {
        let (month, place) = (number / each, number % each);
        let drift = if habits_change { month * month } else { 0 };
        let timestamp = format!(
            "20{:02}-{:02}-{:02}",
            10 + month / 12,
            1 + month % 12,
            1 + place
        );
        let amount = -f64::from(u32::try_from(10 + place + 40 * drift).unwrap());
        transaction(&timestamp, amount, classes[(place + drift) % 3])
    });
    history(&transactions.collect::<Vec<_>>())
}

#[tokio::test]
async fn events_have_resamples_of_whole_months() {
    let folder = tempfile::tempdir().unwrap();
    let all_events = |description: &mut Value| description["sequence"]["window"] = json!("all");
    let model = DescribedModel::build(folder.path(), "event-gru", all_events);
    let server = Server::start_on(&model.models(), &[]);
    let score = async |history: Value| server.ask("/v1/score", &history, 200).await;

    let changing = monthly_payments(24, 6, true);
    let plain = score(changing.clone()).await;
    let mut sure = score(with_resamples(changing.clone(), json!(200))).await;
    assert_eq!(sure, score(with_resamples(changing, json!(200))).await);
    let certainty = sure["certainty"].take();
    sure.as_object_mut().unwrap().remove("certainty");
    assert_eq!(sure, plain);
    assert_eq!(certainty["resamples"], 200);
    let segments = certainty["segments"].as_array().unwrap();
    let sum: f64 = segments.iter().map(|one| number(&one["share"])).sum();
    assert!((sum - 1.0).abs() < 1e-9);
    let width = |certainty: &Value| {
        let ends = &certainty["traits"]["next_amount"];
        number(&ends[1]) - number(&ends[0])
    };
    assert!(width(&certainty) > 0.0);

    // Where each month is like the others, it makes no difference which of them come.
    let steady = score(with_resamples(monthly_payments(24, 6, false), json!(200))).await;
    let steady = width(&steady["certainty"]);
    assert!(steady < 0.2 * width(&certainty), "{steady} {certainty}");
}

#[tokio::test]
async fn events_of_one_month_and_too_many_events_are_refused_at_the_member() {
    let folder = tempfile::tempdir().unwrap();
    let all_events = |description: &mut Value| description["sequence"]["window"] = json!("all");
    let model = DescribedModel::build(folder.path(), "event-gru", all_events);
    let server = Server::start_on(&model.models(), &[]);
    for (history, count, expected) in [
        (
            monthly_payments(1, 20, false),
            100,
            "expected events of at least two months",
        ),
        (
            monthly_payments(160, 25, false),
            1_000,
            "for a history of 4000 events",
        ),
    ] {
        let body = with_resamples(history, json!(count)).to_string();
        let refused = problem(server.post("/v1/score", body).await, 422).await;
        let error = &refused["errors"][0];
        assert_eq!(error["pointer"], "/resamples");
        assert!(
            error["detail"].as_str().unwrap().contains(expected),
            "{error}"
        );
    }
    let kept = monthly_payments(12, 25, false);
    let kept = server.ask("/v1/score?state_token=true", &kept, 200).await;
    let mut later = history(&[transaction("2011-01-02", -10.0, "rent")]);
    later["state_token"] = kept["state_token"].clone();
    let body = with_resamples(later, json!(100)).to_string();
    let refused = problem(server.post("/v1/score", body).await, 422).await;
    assert_eq!(refused["errors"][0]["pointer"], "/resamples");
}
