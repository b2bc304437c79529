//! `POST /v1/explain` with the method `global-linear`, of a network whose steps are events: held against the bundle's tables.

use serde_json::{Value, json};

use test_support::client::{ApiClient, problem};
use test_support::described_networks::Built;
use test_support::explanations::explain;
use test_support::histories::with_options;
use test_support::model_tables::{matrix, vector};
use test_support::server::Server;

/// The network `event-gru` reads the signed logarithm of the amount, and one of fifteen codes for the class.
const NETWORK: &str = "event-gru";
const CLASSES: [(&str, usize); 4] = [("groceries", 1), ("rent", 3), ("travel", 8), ("salary", 12)];
const CODES: usize = 15;
/// The window of the network.
const WINDOW: usize = 12;

fn transactions(count: u32) -> Vec<Value> {
    let one = |number: u32| {
        let (class, _) = CLASSES[number as usize * 5 / 3 % CLASSES.len()];
        let sign = if class == "salary" { 1.0 } else { -1.0 };
        json!({"timestamp": format!("2020-{:02}-{:02}", 1 + number / 5, 2 + number % 5 * 5), "class": class,
            "amount": sign * (20.5 + f64::from(number * 37 % 19) * 41.25), "id": format!("t-{number}")})
    };
    (0..count).map(one).collect()
}

async fn explained(server: &ApiClient, transactions: &[Value], level: &str) -> Value {
    let options =
        json!({"method": "global-linear", "level": level, "target": "churn", "top": 1_000});
    let history = with_options(json!({"transactions": transactions}), options);
    let given = explain(server, &history).await;
    let verified = server
        .ask(&format!("{}/verify", given.path()), &Value::Null, 200)
        .await;
    assert_eq!(verified["agrees"], true);
    given.document
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn assert_close(found: f64, expected: f64, what: &str) {
    let size = expected.abs().max(1.0);
    assert!(
        (found - expected).abs() < 1e-9 * size,
        "{what}: {found} {expected}"
    );
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

/// What one event adds, by the number of its amount and by the code of its class.
struct Added {
    amount: f64,
    class: f64,
}

/// The tables for the output `churn`, and their own computation.
struct Tables {
    a: Vec<Vec<f64>>,
    b: Vec<Vec<f64>>,
    c: Vec<f64>,
    weights: Vec<f64>,
    constant: f64,
}

impl Tables {
    fn of(surrogate: &Value) -> Self {
        let outputs: Vec<String> = serde_json::from_value(surrogate["outputs"].clone()).unwrap();
        let churn = outputs.iter().position(|name| name == "churn").unwrap();
        Self {
            a: matrix(&surrogate["A"]),
            b: matrix(&surrogate["B"]),
            c: vector(&surrogate["c"]),
            weights: matrix(&surrogate["D"]).swap_remove(churn),
            constant: vector(&surrogate["e"])[churn],
        }
    }

    /// What the network reads of a transaction, the code as one place of fifteen.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the network takes 32-bit floats"
    )]
    fn read(transaction: &Value) -> Vec<f64> {
        let amount = number(&transaction["amount"]);
        let mut read = vec![0.0; 1 + CODES];
        read[0] = f64::from((amount.abs().ln_1p().copysign(amount)) as f32);
        let class = transaction["class"].as_str().unwrap();
        let code = CLASSES.iter().find(|(name, _)| *name == class).unwrap().1;
        read[1 + code] = 1.0;
        read
    }

    fn step(&self, state: &[f64], read: &[f64], constant: f64) -> Vec<f64> {
        let rows = self.a.iter().zip(&self.b).zip(&self.c);
        rows.map(|((a, b), c)| dot(a, state) + dot(b, read) + constant * c)
            .collect()
    }

    /// The surrogate's number after each event.
    fn along(&self, transactions: &[Value]) -> Vec<f64> {
        let mut state = vec![0.0; self.c.len()];
        let steps = transactions.iter().map(|transaction| {
            state = self.step(&state, &Self::read(transaction), 1.0);
            self.constant + dot(&self.weights, &state)
        });
        steps.collect()
    }

    /// What each event adds to the last number: its own inputs, through the steps behind it.
    fn added(&self, transactions: &[Value]) -> Vec<Added> {
        let nothing = vec![0.0; 1 + CODES];
        let alone = |place: usize, read: Vec<f64>| {
            let first = self.step(&vec![0.0; self.c.len()], &read, 0.0);
            let behind = transactions.len() - place - 1;
            let last = (0..behind).fold(first, |state, _| self.step(&state, &nothing, 0.0));
            dot(&self.weights, &last)
        };
        let of = |(place, transaction): (usize, &Value)| {
            let mut amount = Self::read(transaction);
            let mut class = amount.clone();
            class[0] = 0.0;
            amount[1..].fill(0.0);
            Added {
                amount: alone(place, amount),
                class: alone(place, class),
            }
        };
        transactions.iter().enumerate().map(of).collect()
    }
}

async fn tables(server: &ApiClient) -> (Tables, Value) {
    let surrogate = server
        .get_json(&format!("/v1/models/{NETWORK}/surrogate"))
        .await;
    (Tables::of(&surrogate), surrogate)
}

/// What the columns of B are by what a model reads: its numbers, and the codes of its categories from 0 to the largest.
fn columns(model: &Value) -> Value {
    let names = |inputs: &Value| -> Vec<String> {
        let inputs = inputs.as_array().unwrap().iter();
        inputs
            .map(|input| input["of"].as_str().unwrap().to_owned())
            .collect()
    };
    let mut columns = names(&model["inputs"]["numbers"]);
    let categories = &model["inputs"]["categories"];
    for (name, category) in names(categories).iter().zip(categories.as_array().unwrap()) {
        let known = category["vocabulary"].as_object().unwrap().values();
        let others = ["padding", "unknown", "missing"].map(|member| &category[member]);
        let largest = known.chain(others).filter_map(Value::as_u64).max().unwrap();
        columns.extend((0..=largest).map(|code| format!("{name}={code}")));
    }
    columns.into()
}

fn contributions(document: &Value) -> &Vec<Value> {
    document["targets"][0]["contributions"].as_array().unwrap()
}

#[tokio::test]
async fn events_add_what_the_tables_say_and_sum_to_classes_periods_and_fields() {
    let built = Built::of(&[NETWORK]);
    let server = Server::start_on(&built.models(), &[]);
    let (tables, surrogate) = tables(&server).await;
    let model = server.get_json(&format!("/v1/models/{NETWORK}")).await;
    assert_eq!(surrogate["inputs"], columns(&model));
    assert!(surrogate.get("classes").is_none());
    // Two more than the window.
    let all = transactions(14);
    let window = &all[all.len() - WINDOW..];
    let added = tables.added(window);

    let events = explained(&server, &all, "event").await;
    assert_eq!(events["method"]["scope"], "global");
    assert_eq!(contributions(&events).len(), WINDOW);
    for contribution in contributions(&events) {
        let position = contribution["event"]["position"].as_u64().unwrap();
        let place = usize::try_from(position).unwrap() - 1;
        let expected = added[place].amount + added[place].class;
        assert_close(
            number(&contribution["contribution"]),
            expected,
            "of an event",
        );
        assert_eq!(contribution["event"]["id"], window[place]["id"]);
    }

    for level in ["class", "period", "cell", "field"] {
        let document = explained(&server, &all, level).await;
        let target = &document["targets"][0];
        for contribution in contributions(&document) {
            let is_of = |transaction: &&(&Value, &Added)| {
                let (transaction, _) = transaction;
                let month = &transaction["timestamp"].as_str().unwrap()[..7];
                let of_class = contribution["class"].is_null()
                    || contribution["class"] == transaction["class"];
                of_class && (contribution["period"].is_null() || contribution["period"] == month)
            };
            let pairs: Vec<(&Value, &Added)> = window.iter().zip(&added).collect();
            let expected: f64 = if level == "field" {
                assert_eq!(contribution["field"], "amount");
                added.iter().map(|one| one.amount).sum()
            } else {
                let of = pairs.iter().filter(is_of);
                of.map(|(_, one)| one.amount + one.class).sum()
            };
            assert_close(number(&contribution["contribution"]), expected, level);
        }
        // What is not listed are the codes of the class.
        let codes: f64 = added.iter().map(|one| one.class).sum();
        let other = if level == "field" { codes } else { 0.0 };
        assert_close(number(&target["other"]["contribution"]), other, level);
        assert_close(
            number(&target["value"]) - number(&target["residual"]),
            *tables.along(window).last().unwrap(),
            level,
        );
        let listed: f64 = contributions(&document)
            .iter()
            .map(|one| number(&one["contribution"]))
            .sum();
        let sum = number(&target["intercept"]) + listed + number(&target["other"]["contribution"]);
        assert_close(
            sum + number(&target["residual"]),
            number(&target["value"]),
            level,
        );
    }

    let fidelity = &events["targets"][0]["fidelity"];
    let of_table = &surrogate["fidelity"]["outputs"][1];
    assert_eq!(fidelity["r2_holdout"], of_table["free_running"]);
    assert_eq!(fidelity["r2_fit"], of_table["from_state_fit"]);
    server.end();
}

#[tokio::test]
async fn trajectory_is_judged_after_every_event() {
    let built = Built::of(&[NETWORK]);
    let server = Server::start_on(&built.models(), &[]);
    let (tables, _) = tables(&server).await;
    let all = transactions(7);
    let mut squares = 0.0;
    for (place, given) in tables.along(&all).into_iter().enumerate() {
        let history = json!({"transactions": all[..=place]});
        let scoring = server.ask("/v1/score", &history, 200).await;
        squares += (number(&scoring["traits"]["churn"]) - given).powi(2);
    }
    let mean = squares / 7.0;
    let model = server.get_json(&format!("/v1/models/{NETWORK}")).await;
    let deviation = vector(&model["population"]["outputs"]["deviation"])[1];
    let document = explained(&server, &all, "class").await;
    let fidelity = &document["targets"][0]["fidelity"];
    let scale = |expected: f64| 1e-5 * expected.abs().max(1.0);
    for (member, expected) in [
        ("rmse", mean.sqrt()),
        ("r2_trajectory", 1.0 - mean / deviation.powi(2)),
    ] {
        let found = number(&fidelity[member]);
        assert!(
            (found - expected).abs() < scale(expected),
            "{member}: {found} {expected}"
        );
    }
    server.end();
}

#[tokio::test]
async fn other_numbers_of_periods_are_refused_with_the_methods_that_there_are() {
    let built = Built::of(&["monthly-lstm"]);
    let server = Server::start_on(&built.models(), &[]);
    let options = json!({"method": "global-linear"});
    let history = with_options(json!({"transactions": transactions(9)}), options);
    let refused = server.post("/v1/explain", history.to_string()).await;
    let fault = &problem(refused, 422).await["errors"][0];
    assert_eq!(fault["pointer"], "/explain/method");
    let detail = fault["detail"].as_str().unwrap();
    assert!(
        detail.starts_with("expected shapley, lime or sensitivity: "),
        "{detail}"
    );
    server.end();
}
