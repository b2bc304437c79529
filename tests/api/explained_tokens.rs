//! Explanations of histories that go on from a state token: what the token has nothing of but its state is one part.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use test_support::client::{ApiClient, problem};
use test_support::described_model::DescribedModel;
use test_support::explanations::{explain, numbers, reproducible};
use test_support::histories::with_options;
use test_support::jobs::await_done;
use test_support::server::Server;
use test_support::shapley::shapley;
use test_support::store::TestStore;

/// Float rounding of networks that give other last bits in another batch.
const ROUNDING: f64 = 1e-5;

/// The transactions before the checkpoint of the token.
const BEFORE: usize = 512;

const CLASSES: [&str; 3] = ["groceries", "rent", "travel"];

/// A network that reads all events of a customer. A transaction of the amount 0 and of no class that it knows is what stands
/// for no event.
fn never_forgets(folder: &Path) -> DescribedModel {
    DescribedModel::build(folder, "event-gru", |description| {
        description["sequence"]["window"] = json!("all");
        let category = &mut description["inputs"]["categories"][0];
        category["padding"] = category["unknown"].clone();
    })
}

/// One transaction a day.
fn transactions(count: usize) -> Vec<Value> {
    let one = |number: usize| {
        let date = format!(
            "{}-{:02}-{:02}",
            2017 + number / 336,
            1 + number / 28 % 12,
            1 + number % 28
        );
        let cents = 500 + number * 37 % 9_000;
        json!({"id": format!("t-{number}"), "timestamp": date, "class": CLASSES[number * 2 % 3],
            "amount": -f64::from(u32::try_from(cents).unwrap()) / 100.0})
    };
    (0..count).map(one).collect()
}

fn no_event(timestamp: &Value) -> Value {
    json!({"timestamp": timestamp, "amount": 0, "class": "no such class"})
}

fn document(transactions: impl IntoIterator<Item = Value>) -> Value {
    let transactions: Vec<Value> = transactions.into_iter().collect();
    json!({"transactions": transactions, "unknown_class": "skip", "customer_id": "c-1"})
}

/// A history of the last transactions, which goes on from a token of those before: two of them are in the token.
async fn continued(server: &ApiClient, all: &[Value]) -> Value {
    let (earlier, later) = all.split_at(BEFORE + 2);
    let path = "/v1/score?state_token=true";
    let history = document(earlier.iter().cloned());
    let scoring = server.ask(path, &history, 200).await;
    let mut history = document(later.iter().cloned());
    history["state_token"] = scoring["state_token"].clone();
    history
}

async fn scored(server: &ApiClient, transactions: impl IntoIterator<Item = Value>) -> f64 {
    let history = document(transactions);
    let scoring = server.ask("/v1/score", &history, 200).await;
    number(&scoring["traits"]["churn"])
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

#[tokio::test]
async fn shapley_values_are_those_of_scorings_with_all_before_the_token_or_nothing_of_it() {
    let folder = TempDir::new().unwrap();
    let model = never_forgets(folder.path());
    let server = Server::start_on(&model.models(), &[]);
    let all = transactions(BEFORE + 7);
    let history = continued(&server, &all).await;
    let options = json!({"method": "kernel-shap", "target": "churn"});
    let given = explain(&server, &with_options(history, options)).await;
    let target = &given.document["targets"][0];
    let before_token = json!({"events": BEFORE, "is_part": true});
    assert_eq!(given.document["method"]["before_token"], before_token);

    // The last part is what is before the token.
    let mut values = Vec::new();
    for set in 0..1_usize << (CLASSES.len() + 1) {
        let classes = CLASSES.iter().enumerate();
        let classes = classes.filter(|(place, _)| set >> place & 1 == 1);
        let classes: BTreeSet<&str> = classes.map(|(_, class)| *class).collect();
        let has_before = set >> CLASSES.len() & 1 == 1;
        let mut left: Vec<Value> = all[BEFORE..]
            .iter()
            .filter(|one| classes.contains(one["class"].as_str().unwrap()))
            .cloned()
            .collect();
        if left.is_empty() {
            left.push(no_event(&all[BEFORE]["timestamp"]));
        }
        let before = if has_before { &all[..BEFORE] } else { &[] };
        values.push(scored(&server, before.iter().cloned().chain(left)).await);
    }
    let expected = shapley(CLASSES.len() + 1, |set| values[set]);
    for (class, expected) in CLASSES.iter().zip(&expected) {
        let mut contributions = target["contributions"].as_array().unwrap().iter();
        let found = contributions.find(|one| one["class"] == *class).unwrap();
        let found = number(&found["contribution"]);
        assert!(
            (found - expected).abs() < ROUNDING,
            "{class}: {found} {expected}"
        );
    }
    let before = number(&target["other"]["contribution"]);
    assert!(
        (before - expected[CLASSES.len()]).abs() < ROUNDING,
        "{target}"
    );
    assert!(before.abs() > 10.0 * ROUNDING, "{target}");
    assert_eq!(target["other"]["classes"], 0);
    server.end();
}

#[tokio::test]
async fn every_method_and_level_explains_the_number_of_the_whole_history_and_its_record_is_verified()
 {
    let folder = TempDir::new().unwrap();
    let model = never_forgets(folder.path());
    let all = transactions(BEFORE + 20);
    for keep in ["totals", "history"] {
        let store = TestStore::sqlite();
        let arguments = ["--store", &store.url(), "--keep-input", keep];
        let server = Server::start_on(&model.models(), &arguments);
        let history = continued(&server, &all).await;
        let whole = document(all.iter().cloned());
        let scoring = server.ask("/v1/score", &whole, 200).await;
        for method in ["lime", "kernel-shap", "sensitivity"] {
            for level in ["class", "period", "cell", "event", "field"] {
                let options = json!({"method": method, "level": level, "samples": 64});
                let given = explain(&server, &with_options(history.clone(), options)).await;
                let what = format!("{keep} {method} {level}");
                let is_part = method != "sensitivity" && level != "field";
                let expected = json!({"events": BEFORE, "is_part": is_part});
                assert_eq!(given.document["method"]["before_token"], expected, "{what}");
                for target in given.document["targets"].as_array().unwrap() {
                    let name = target["name"].as_str().unwrap();
                    assert_eq!(target["value"], scoring["traits"][name], "{what}");
                    let listed = numbers(&target["contributions"], "contribution");
                    let sum = number(&target["intercept"])
                        + listed.iter().sum::<f64>()
                        + number(&target["other"]["contribution"])
                        + number(&target["residual"]);
                    assert!((sum - number(&target["value"])).abs() < 1e-9, "{what}");
                    if level == "event" {
                        let mut events = target["contributions"].as_array().unwrap().iter();
                        let newest = events.find(|one| one["event"]["id"] == "t-531");
                        let position = newest.map(|one| one["event"]["position"].clone());
                        assert!(
                            position.is_none_or(|place| place == 532),
                            "{what}: {target}"
                        );
                        let before = if is_part { BEFORE } else { 0 };
                        assert_eq!(target["other"]["events"], before + 10, "{what}");
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
async fn instances_go_on_from_tokens_as_single_histories_do() {
    let folder = TempDir::new().unwrap();
    let model = never_forgets(folder.path());
    let server = Server::start_on(&model.models(), &["--keep-input", "history"]);
    let path = |verb: &str| format!("/v1/models/event-gru:{verb}");
    let all = transactions(BEFORE + 20);
    let history = continued(&server, &all).await;
    let whole = document(all.iter().cloned());
    let instances = json!({"instances": [whole, history]});
    let scored = server.ask(&path("predict"), &instances, 200).await;
    let [whole_scored, continued_scored] = [0, 1].map(|place| &scored["predictions"][place]);
    assert_eq!(whole_scored["traits"], continued_scored["traits"]);

    let options = json!({"method": "sensitivity", "level": "class"});
    let asked = with_options(history.clone(), options);
    let alone = explain(&server, &asked).await;
    let instances = json!({"instances": [with_options(whole, json!({"samples": 64})), asked]});
    let explained = server.ask(&path("explain"), &instances, 200).await;
    let explained = explained["explanations"][1].clone();
    let verify = format!(
        "/v1/explanations/{}/verify",
        explained["id"].as_str().unwrap()
    );
    let verified = server.ask(&verify, &Value::Null, 200).await;
    assert_eq!(verified["agrees"], true);
    assert_eq!(reproducible(explained), reproducible(alone.document));

    // As jobs, too.
    let request = server.post_as(&path("explain"), "application/json", instances.to_string());
    let queued = request.header("prefer", "respond-async").send().await;
    let queued: Value = queued.unwrap().json().await.unwrap();
    let id = queued["jobs"][1]["id"].as_str().unwrap();
    await_done(&server, id).await;
    let of_job = server.get_json(&format!("/v1/explanations/{id}")).await;
    assert_eq!(of_job["targets"], instances_targets(&server, &verify).await);

    // A fault is one of its instance.
    let mut foreign = history.clone();
    foreign["customer_id"] = json!("c-2");
    let global = with_options(history, json!({"method": "global-linear"}));
    for (verb, bad, pointer) in [
        ("predict", &foreign, "/instances/1/state_token"),
        ("explain", &foreign, "/instances/1/state_token"),
        ("explain", &global, "/instances/1/explain/method"),
    ] {
        let instances = json!({"instances": [document(all[..3].iter().cloned()), bad]});
        let refused = server.post(&path(verb), instances.to_string()).await;
        let refused = problem(refused, 422).await;
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{refused}");
    }
    server.end();
}

/// The targets of the explanation that an address verifies.
async fn instances_targets(server: &ApiClient, verify: &str) -> Value {
    let path = verify.strip_suffix("/verify").unwrap();
    server.get_json(path).await["targets"].clone()
}

#[tokio::test]
async fn surrogate_of_all_events_is_not_unrolled_from_a_token() {
    let folder = TempDir::new().unwrap();
    let model = never_forgets(folder.path());
    let server = Server::start_on(&model.models(), &[]);
    let history = continued(&server, &transactions(BEFORE + 5)).await;
    let options = json!({"method": "global-linear"});
    let body = with_options(history, options).to_string();
    let refused = server.post("/v1/explain", body).await;
    let fault = &problem(refused, 422).await["errors"][0];
    assert_eq!(fault["pointer"], "/explain/method");
    let detail = fault["detail"].as_str().unwrap();
    assert!(detail.contains("send the whole history"), "{detail}");
    server.end();
}
