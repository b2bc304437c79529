//! Explanations of networks with a description of what they read: held against scorings of what is left of a history.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use test_support::client::problem;
use test_support::command::{documents, lines, microseg};
use test_support::described_networks::{Built, cases};
use test_support::explanations::{explain, numbers, reproducible};
use test_support::histories::with_options;
use test_support::server::Server;
use test_support::shapley::shapley;
use test_support::store::TestStore;

const LOCAL: [&str; 3] = ["lime", "shapley", "sensitivity"];

/// Float rounding of networks that give other last bits in another batch.
const ROUNDING: f64 = 1e-5;

/// A server of one network, which records in `store`.
fn serve(built: &Built, store: &TestStore, keep: &str) -> Server {
    let arguments = ["--store", &store.url(), "--keep-input", keep];
    Server::start_on(&built.models(), &arguments)
}

fn history(network: &str, case: &str) -> Value {
    let cases = cases(network);
    let found = cases.iter().find(|one| one["name"] == case);
    found.unwrap()["history"].clone()
}

/// A history of `count` purchases an hour apart; the one at `place` is far larger than the others.
fn purchases(count: u32, place: u32) -> Value {
    let transactions = (0..count).map(|number| {
        let amount = if number == place { -4_000.0 } else { -10.0 };
        json!({"timestamp": format!("2020-{:02}-{:02}T{:02}:00:00Z", 1 + number / 600, 1 + number / 24 % 25, number % 24),
            "amount": amount, "class": "groceries", "id": format!("t-{number}")})
    });
    json!({"transactions": transactions.collect::<Vec<_>>(), "as_of": "2020-12-31"})
}

fn sum_of(target: &Value) -> f64 {
    let contributions = numbers(&target["contributions"], "contribution");
    let other = target["other"]["contribution"].as_f64().unwrap();
    contributions.iter().sum::<f64>() + other
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

/// The network's first output for a history.
async fn scored(server: &Server, history: &Value, output: &str) -> f64 {
    let scoring = server.ask("/v1/score", history, 200).await;
    number(&scoring["traits"][output])
}

/// The history with those of its transactions that belong to some of the classes.
fn only(history: &Value, classes: &BTreeSet<&str>) -> Value {
    let mut left = history.clone();
    let transactions = left["transactions"].as_array_mut().unwrap();
    transactions.retain(|one| classes.contains(one["class"].as_str().unwrap()));
    left
}

#[tokio::test]
async fn every_local_method_and_level_gives_sums_and_a_record_that_is_verified() {
    for (network, case) in [
        ("event-gru", "unknown-categories"),
        ("event-lstm-2", "midnight-at-the-end-of-a-month"),
        ("lifestream", "more-events-than-the-window"),
        ("monthly-lstm", "refunds-and-income"),
    ] {
        let built = Built::of(&[network]);
        let store = TestStore::sqlite();
        let server = serve(&built, &store, "totals");
        let history = history(network, case);
        let scoring = server.ask("/v1/score", &history, 200).await;
        let levels = if network == "monthly-lstm" { 3 } else { 5 };
        for method in LOCAL {
            for level in &["class", "period", "cell", "event", "field"][..levels] {
                let options = json!({"method": method, "level": level, "samples": 64});
                let given = explain(&server, &with_options(history.clone(), options)).await;
                let document = &given.document;
                let what = format!("{network} {method} {level}");
                assert_eq!(document["schema_version"], "4", "{what}");
                for target in document["targets"].as_array().unwrap() {
                    let name = target["name"].as_str().unwrap();
                    assert_eq!(target["value"], scoring["traits"][name], "{what}");
                    let sum = number(&target["intercept"]) + sum_of(target);
                    let value = number(&target["value"]);
                    assert!(
                        (sum + number(&target["residual"]) - value).abs() < 1e-9,
                        "{what}"
                    );
                    if method == "shapley" {
                        let added = value - number(&target["base_value"]);
                        assert!((sum_of(target) - added).abs() < 1e-9, "{what}");
                    }
                }
                let path = format!("{}/verify", given.path());
                let verified = server.ask(&path, &Value::Null, 200).await;
                assert_eq!(verified["agrees"], true, "{what}");
            }
        }
        server.end();
    }
}

#[tokio::test]
async fn shapley_values_are_those_of_the_scorings_of_what_is_left() {
    let built = Built::of(&["event-gru"]);
    let store = TestStore::sqlite();
    let server = serve(&built, &store, "digest");
    // The window of the network has 12 events: without some, it reaches older ones.
    let classes = ["groceries", "rent", "energy", "salary", "travel"];
    let transactions = (0..30_u32).map(|number| {
        let class = classes[number as usize * 7 / 3 % classes.len()];
        let amount = f64::from(number % 11) * 17.5 - 140.0;
        json!({"timestamp": format!("2020-03-{:02}", 1 + number), "amount": amount, "class": class})
    });
    let history = json!({"transactions": transactions.collect::<Vec<_>>()});
    let options = json!({"method": "shapley", "target": "churn"});
    let given = explain(&server, &with_options(history.clone(), options)).await;
    let target = &given.document["targets"][0];

    let mut values = vec![number(&target["base_value"])];
    for set in 1..1_usize << classes.len() {
        let left = classes
            .iter()
            .enumerate()
            .filter(|(place, _)| set >> place & 1 == 1);
        let left = only(&history, &left.map(|(_, class)| *class).collect());
        values.push(scored(&server, &left, "churn").await);
    }
    let expected = shapley(classes.len(), |set| values[set]);
    for (class, expected) in classes.iter().zip(expected) {
        let contributions = target["contributions"].as_array().unwrap();
        let found = contributions.iter().find(|one| one["class"] == *class);
        let found = found.map_or(0.0, |found| number(&found["contribution"]));
        assert!(
            (found - expected).abs() < ROUNDING,
            "{class}: {found} {expected}"
        );
    }
    server.end();
}

#[tokio::test]
async fn transactions_that_the_network_ignores_add_nothing() {
    let built = Built::of(&["monthly-lstm"]);
    let store = TestStore::sqlite();
    let server = serve(&built, &store, "digest");
    // The network reads spending and the month: no income.
    let transactions = (1..=9).flat_map(|month| {
        let on = |day: u32| format!("2020-{month:02}-{day:02}");
        [
            json!({"timestamp": on(1), "amount": 2_100, "class": "salary"}),
            json!({"timestamp": on(3), "amount": -700 - month, "class": "rent"}),
            json!({"timestamp": on(9), "amount": -31 * month, "class": "travel"}),
            json!({"timestamp": on(11), "amount": -5}),
        ]
    });
    let history = json!({"transactions": transactions.collect::<Vec<_>>()});
    for method in LOCAL {
        let options = json!({"method": method});
        let given = explain(&server, &with_options(history.clone(), options)).await;
        for target in given.document["targets"].as_array().unwrap() {
            let contributions = target["contributions"].as_array().unwrap();
            let of = |class: Value| {
                let found = contributions.iter().find(|one| one["class"] == class);
                number(&found.unwrap()["contribution"]).abs()
            };
            for ignored in [json!("salary"), Value::Null] {
                assert!(
                    of(ignored.clone()) < ROUNDING,
                    "{method} {ignored}: {target}"
                );
            }
            assert!(of(json!("rent")) > ROUNDING, "{method}: {target}");
            let titles = contributions
                .iter()
                .map(|one| one["title"].as_str().unwrap());
            assert!(titles.collect::<BTreeSet<_>>().contains("Unclassified"));
            // Sentences are about spending.
            let reasons = target["reasons"].as_array().unwrap().iter();
            let classes: BTreeSet<&str> =
                reasons.map(|one| one["class"].as_str().unwrap()).collect();
            assert!(classes.is_subset(&BTreeSet::from(["rent", "travel"])));
        }
    }
    server.end();
}

#[tokio::test]
async fn order_in_which_transactions_are_listed_changes_no_byte() {
    let built = Built::of(&["event-lstm-2"]);
    let store = TestStore::sqlite();
    let server = serve(&built, &store, "digest");
    for level in ["class", "event"] {
        for case in ["ties-listed-forwards", "midnight-at-the-end-of-a-month"] {
            let options = json!({"level": level, "samples": 64});
            let mut listed = with_options(history("event-lstm-2", case), options);
            let forwards = explain(&server, &listed).await;
            listed["transactions"].as_array_mut().unwrap().reverse();
            let backwards = explain(&server, &listed).await;
            let [forwards, backwards] = [forwards, backwards].map(|one| reproducible(one.document));
            assert_eq!(
                forwards.to_string(),
                backwards.to_string(),
                "{level} {case}"
            );
        }
    }
    server.end();
}

#[tokio::test]
async fn strongest_transaction_is_named_and_old_ones_are_pruned() {
    let built = Built::of(&["lifestream"]);
    let store = TestStore::sqlite();
    let server = serve(&built, &store, "totals");
    let options = json!({"method": "lime", "level": "event", "samples": 256, "top": 3});
    let given = explain(&server, &with_options(purchases(48, 44), options.clone())).await;
    let document = &given.document;
    let pruned = &document["method"]["pruned"];
    for target in document["targets"].as_array().unwrap() {
        let contributions = target["contributions"].as_array().unwrap();
        assert_eq!(contributions.len(), 3);
        let event = json!({"position": 45, "id": "t-44"});
        assert_eq!(contributions[0]["event"], event, "{target}");
        assert_eq!(target["other"]["events"], 45, "{target}");
        assert_eq!(target["reasons"], json!([]));
    }
    if !pruned.is_null() {
        assert!(number(&pruned["joint_effect"]) <= number(&pruned["tolerance"]));
    }

    // Without identifiers a transaction is named by its time.
    let mut unnamed = purchases(5, 4);
    for transaction in unnamed["transactions"].as_array_mut().unwrap() {
        transaction.as_object_mut().unwrap().remove("id");
    }
    let given = explain(&server, &with_options(unnamed, options)).await;
    let events = given.document["targets"][0]["contributions"]
        .as_array()
        .unwrap()
        .iter();
    let largest = events.clone().find(|one| one["event"]["position"] == 5);
    let expected = json!({"position": 5, "timestamp": "2020-01-01T04:00:00Z"});
    assert_eq!(largest.unwrap()["event"], expected);
    server.end();
}

#[tokio::test]
async fn changed_input_is_reported_by_its_digest() {
    let built = Built::of(&["event-gru"]);
    for keep in ["totals", "history"] {
        let store = TestStore::sqlite();
        let server = serve(&built, &store, keep);
        let history = history("event-gru", "ties-listed-forwards");
        let given = explain(&server, &history).await;
        let kept: Vec<u8> = store.value("SELECT input FROM contents").await;
        let mut kept: Value = serde_json::from_slice(&kept).unwrap();
        let path = format!("{}/verify", given.path());
        server.ask(&path, &Value::Null, 200).await;

        let amount = &mut kept["transactions"][0]["amount"];
        *amount = (number(amount) - 0.01).into();
        let change = "UPDATE contents SET input = ?";
        store.change(change, kept.to_string().as_bytes()).await;
        let disagreement = problem(server.post(&path, "").await, 409).await;
        let difference = &disagreement["differences"][0];
        assert_eq!(difference["pointer"], "/input/sha256", "{keep}");
        server.end();
    }
}

#[tokio::test]
async fn kept_input_is_a_history_with_the_digest_of_the_record() {
    let built = Built::of(&["event-gru"]);
    let store = TestStore::sqlite();
    let server = serve(&built, &store, "totals");
    let mut sent = history("event-gru", "ties-listed-forwards");
    sent["transactions"][0]["note"] = json!("not read by the model");
    let given = explain(&server, &sent).await;
    let kept: Vec<u8> = store.value("SELECT input FROM contents").await;
    let text = String::from_utf8(kept.clone()).unwrap();
    assert!(!text.contains("note"), "{text}");
    let digest = hex::encode(Sha256::digest(&kept));
    assert_eq!(given.document["input"]["sha256"], digest);
    let kept: Value = serde_json::from_slice(&kept).unwrap();
    let [one, other] = [
        server.ask("/v1/score", &kept, 200).await,
        server.ask("/v1/score", &sent, 200).await,
    ];
    assert_eq!(one["features"], other["features"]);
    server.end();
}

#[tokio::test]
async fn option_that_the_bundle_cannot_give_is_refused_with_what_it_can() {
    let built = Built::of(&["event-gru", "monthly-lstm"]);
    let store = TestStore::sqlite();
    let server = serve(&built, &store, "digest");
    let ask = async |network: &str, options: Value, pointer: &str, words: &str| {
        let history = history(network, "ties-listed-forwards");
        let path = format!("/v1/explain?model={network}");
        let body = with_options(history, options).to_string();
        let refused = problem(server.post(&path, body).await, 422).await;
        let fault = &refused["errors"][0];
        assert_eq!(fault["pointer"], pointer, "{refused}");
        let detail = fault["detail"].as_str().unwrap();
        assert!(detail.contains(words), "{refused}");
    };
    let levels = "expected class, period or cell";
    ask(
        "monthly-lstm",
        json!({"level": "event"}),
        "/explain/level",
        levels,
    )
    .await;
    let methods = "expected shapley, lime or sensitivity";
    let global = json!({"method": "global-linear"});
    ask("monthly-lstm", global, "/explain/method", methods).await;
    for network in ["monthly-lstm", "event-gru"] {
        let population = json!({"baseline": "population"});
        ask(network, population, "/explain/baseline", "expected absence").await;
        let own = json!({"method": "sensitivity", "baseline": "absence"});
        ask(network, own, "/explain/baseline", "expected own").await;
    }
    ask(
        "monthly-lstm",
        json!({"level": "field"}),
        "/explain/level",
        levels,
    )
    .await;
    ask(
        "event-gru",
        json!({"level": "atom"}),
        "/explain/level",
        "expected class, period, cell, event or field",
    )
    .await;
    let accepted = json!({"baseline": "absence", "level": "event"});
    let history = history("event-gru", "ties-listed-forwards");
    let body = with_options(history, accepted).to_string();
    let answer = server.post("/v1/explain?model=event-gru", body).await;
    assert_eq!(answer.status(), 201);
    server.end();
}

#[tokio::test]
async fn command_explains_as_the_server_does() {
    let built = Built::of(&["event-gru"]);
    let store = TestStore::sqlite();
    let server = serve(&built, &store, "digest");
    let history = history("event-gru", "missing-values");
    let options = json!({"level": "event", "samples": 64});
    let given = explain(&server, &with_options(history.clone(), options.clone())).await;
    let file = built.folder.path().join("one.ndjson");
    std::fs::write(&file, with_options(history, options).to_string()).unwrap();
    let mut command = microseg();
    command
        .arg("explain")
        .arg(&file)
        .arg("--models")
        .arg(built.models());
    let explained = documents(&lines(&command.output().unwrap()));
    assert_eq!(explained[0]["targets"], given.document["targets"]);
    assert_eq!(explained[0]["input"], given.document["input"]);
    server.end();
}
