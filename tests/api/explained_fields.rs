//! Explanations at the level `field`: held against scorings of histories whose transactions have other values.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use test_support::client::{ApiClient, problem};
use test_support::described_networks::{Built, cases};
use test_support::explanations::explain;
use test_support::histories::{example, with_options};
use test_support::server::Server;
use test_support::shared_server::shared_server;

const METHODS: [&str; 3] = ["lime", "shapley", "sensitivity"];

/// Float rounding of networks that give other last bits in another batch.
const ROUNDING: f64 = 1e-5;

fn serve(built: &Built) -> Server {
    Server::start_on(&built.models(), &[])
}

/// Twenty purchases with identifiers in their order; `change` may change each.
fn purchases(change: impl Fn(&mut Value)) -> Value {
    let codes = [5411, 5812, 742, 6011, 4900];
    let transactions = (0..20_u32).map(|number| {
        let mut transaction = json!({
            "id": format!("t-{number:02}"),
            "timestamp": format!("2020-03-{:02}T10:00:00Z", 1 + number + number / 3),
            "amount": f64::from(number % 7) * 31.5 - 120.0,
            "mcc": codes[number as usize % codes.len()],
        });
        change(&mut transaction);
        transaction
    });
    json!({"transactions": transactions.collect::<Vec<_>>()})
}

async fn scored(server: &ApiClient, history: &Value, output: &str) -> f64 {
    let scoring = server.ask("/v1/score", history, 200).await;
    scoring["traits"][output].as_f64().unwrap()
}

/// What a field adds, by its name.
fn added(target: &Value, field: &str) -> f64 {
    let mut contributions = target["contributions"].as_array().unwrap().iter();
    let found = contributions.find(|one| one["field"] == field);
    let found = found.unwrap_or_else(|| panic!("{field} is not in {target}"));
    found["contribution"].as_f64().unwrap()
}

fn fields(target: &Value) -> BTreeSet<&str> {
    let contributions = target["contributions"].as_array().unwrap().iter();
    contributions
        .map(|one| one["field"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn shapley_values_of_fields_are_those_of_scorings_with_missing_values() {
    let built = Built::of(&["lifestream"]);
    let server = serve(&built);
    // The declaration has 0 for both where they are missing: the amount 0, and transactions of one time.
    let no_amount = |transaction: &mut Value| transaction["amount"] = 0.into();
    let no_gap = |transaction: &mut Value| transaction["timestamp"] = "2020-03-01".into();
    let output = "next_size";
    let everything = scored(&server, &purchases(|_| {}), output).await;
    let amount = scored(&server, &purchases(no_gap), output).await;
    let gap = scored(&server, &purchases(no_amount), output).await;
    let none = purchases(|transaction| {
        no_amount(transaction);
        no_gap(transaction);
    });
    let none = scored(&server, &none, output).await;

    let options = json!({"method": "shapley", "level": "field", "target": output});
    let given = explain(&server, &with_options(purchases(|_| {}), options)).await;
    let target = &given.document["targets"][0];
    assert_eq!(
        given.document["baseline"]["description"],
        "every numeric field missing in all transactions, which are there as they are"
    );
    assert_eq!(
        fields(target),
        BTreeSet::from(["amount", "days_since_previous"])
    );
    for (found, expected) in [
        (target["base_value"].as_f64().unwrap(), none),
        (
            added(target, "amount"),
            f64::midpoint(amount - none, everything - gap),
        ),
        (
            added(target, "days_since_previous"),
            f64::midpoint(gap - none, everything - amount),
        ),
    ] {
        assert!((found - expected).abs() < ROUNDING, "{found} {expected}");
    }
    assert!(added(target, "amount").abs() > 100.0 * ROUNDING, "{target}");
    for contribution in target["contributions"].as_array().unwrap() {
        assert_eq!(contribution["class"], Value::Null);
        assert_eq!(contribution["share"], 0.0);
    }
    assert_eq!(target["other"]["fields"], 0);
    assert_eq!(target["reasons"], json!([]));
    server.end();
}

#[tokio::test]
async fn field_that_no_transaction_has_adds_nothing_and_places_in_cycles_are_not_scaled() {
    let built = Built::of(&["event-lstm-2"]);
    let server = serve(&built);
    let cases = cases("event-lstm-2");
    let mut history = cases[0]["history"].clone();
    let quantities = BTreeSet::from(["amount", "balance", "days_since_previous"]);
    let mut all = quantities.clone();
    all.extend(["hour", "weekday"]);
    for has_balance in [true, false] {
        for transaction in history["transactions"].as_array_mut().unwrap() {
            let members = transaction.as_object_mut().unwrap();
            members.remove("balance");
            if has_balance {
                members.insert("balance".to_owned(), json!(1_250.5));
            }
        }
        for method in METHODS {
            let options = json!({"method": method, "level": "field"});
            let given = explain(&server, &with_options(history.clone(), options)).await;
            for target in given.document["targets"].as_array().unwrap() {
                let expected = if method == "sensitivity" {
                    &quantities
                } else {
                    &all
                };
                assert_eq!(&fields(target), expected, "{method}");
                // Shapley values are 0 for what changes nothing; other fits only come near.
                if method == "shapley" {
                    let added = added(target, "balance").abs();
                    assert_eq!(added > ROUNDING, has_balance, "{added}: {target}");
                }
            }
        }
    }
    server.end();
}

#[tokio::test]
async fn ten_per_cent_more_of_an_amount_is_more_in_all_transactions() {
    let built = Built::of(&["event-gru"]);
    let server = serve(&built);
    let history = |factor: f64| {
        let transactions = (0..12_u32).map(|number| {
            json!({"timestamp": format!("2020-03-{:02}", 1 + number), "class": "rent",
                "amount": -(10.0 + f64::from(number)) * factor})
        });
        json!({"transactions": transactions.collect::<Vec<_>>()})
    };
    // For small steps the slope of the network is the difference of two scorings.
    let output = "next_amount";
    let slope = scored(&server, &history(1.1), output).await
        - scored(&server, &history(1.0 / 1.1), output).await;
    let options = json!({"method": "sensitivity", "level": "field", "target": output});
    let given = explain(&server, &with_options(history(1.0), options)).await;
    let found = added(&given.document["targets"][0], "amount");
    let expected = slope / 2.0;
    assert!(
        (found - expected).abs() < 0.02 * expected.abs(),
        "{found} {expected}"
    );
    server.end();
}

#[tokio::test]
async fn field_of_a_model_of_periods_is_refused_with_its_levels() {
    let body = with_options(example(), json!({"level": "field"}));
    let refused = shared_server().post("/v1/explain", body.to_string()).await;
    let fault = &problem(refused, 422).await["errors"][0];
    assert_eq!(fault["pointer"], "/explain/level");
    let detail = fault["detail"].as_str().unwrap();
    assert!(
        detail.starts_with("expected class, period or cell"),
        "{detail}"
    );
}
