//! A network that is linear in the shares: every method finds its own coefficients again.

use serde_json::{Value, json};

use crate::build::{CLASSES, Outsider};
use crate::explain::numbers;
use crate::histories::asking;
use crate::server::Server;

const NETWORK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/linear.pt");

const DIMENSIONS: usize = 3;

/// The numbers of tests/data/linear.py.
const A: [f64; DIMENSIONS] = [0.5, 0.6, 0.7];

#[expect(clippy::cast_precision_loss, reason = "numbers below a hundred")]
fn b(dimension: usize, class: usize) -> f64 {
    (((7 * dimension + 3 * class) % 11) as f64 - 5.0) / 20.0
}

#[expect(clippy::cast_precision_loss, reason = "numbers below a hundred")]
fn d(output: usize, dimension: usize) -> f64 {
    (((5 * output + 2 * dimension) % 7) as f64 - 3.0) / 4.0
}

/// What a share of 1 in a class adds to an output so many months later.
fn effect(output: usize, class: usize, later: i32) -> f64 {
    let dimensions = 0..DIMENSIONS;
    dimensions
        .map(|i| d(output, i) * A[i].powi(later) * b(i, class))
        .sum()
}

fn server() -> (Outsider, Server) {
    let outsider = Outsider::of(NETWORK, true);
    let mut build = outsider.build("models");
    build.args(["--layers", "1", "--hidden-size", "3"]);
    assert!(build.status().unwrap().success());
    let mut server = Server::spawn(&outsider.path("models"), &[]);
    server.await_event("ready");
    (outsider, server)
}

/// Each month all spending in a class of its own, so that a mask takes whole months away.
fn one_class_a_month() -> Value {
    let booking = |month: usize| {
        let (year, of_year) = (2019 + month / 12, 1 + month % 12);
        json!({"timestamp": format!("{year}-{of_year:02}-05"), "amount": -10.0, "class": format!("class-{month}")})
    };
    json!({"transactions": (0..CLASSES).map(booking).collect::<Vec<_>>()})
}

fn class(contribution: &Value) -> usize {
    let name = contribution["class"].as_str().unwrap();
    name.strip_prefix("class-").unwrap().parse().unwrap()
}

fn months_before_the_last(class: usize) -> i32 {
    i32::try_from(CLASSES - 1 - class).unwrap()
}

#[tokio::test]
async fn every_method_gives_a_linear_network_its_own_coefficients() {
    let (_outsider, server) = server();
    for (method, level, close) in [
        ("lime", "class", 1e-5),
        ("lime", "cell", 1e-5),
        ("kernel-shap", "class", 1e-5),
        ("kernel-shap", "cell", 1e-5),
        ("global-linear", "class", 1e-3),
        ("global-linear", "cell", 1e-3),
    ] {
        let asked = json!({"method": method, "level": level, "top": 50});
        let explanation = server
            .ask("/v1/explain", &asking(one_class_a_month(), asked), 201)
            .await;
        for (output, target) in explanation["targets"]
            .as_array()
            .unwrap()
            .iter()
            .enumerate()
        {
            let contributions = target["contributions"].as_array().unwrap();
            assert_eq!(contributions.len(), CLASSES);
            for contribution in contributions {
                let class = class(contribution);
                let expected = effect(output, class, months_before_the_last(class));
                let found = contribution["coefficient"].as_f64().unwrap();
                assert!(
                    (found - expected).abs() < close,
                    "{method} by {level}: {class} adds {found}, not {expected}"
                );
            }
            let r2 = target["fidelity"]["r2_holdout"].as_f64().unwrap();
            let almost = if method == "global-linear" {
                1e-4
            } else {
                1e-9
            };
            assert!(r2 > 1.0 - almost, "{method} by {level}: {r2}");
        }
        assert_eq!(
            explanation["quality"]["verdict"], "ok",
            "{method} by {level}"
        );
    }
}

#[tokio::test]
async fn sensitivity_gives_a_linear_network_its_slopes() {
    let (_outsider, server) = server();
    // All classes in each of three months, with amounts that differ.
    let mut transactions = Vec::new();
    let mut amounts = [[0.0; CLASSES]; 3];
    for (month, amounts) in amounts.iter_mut().enumerate() {
        for (class, amount) in amounts.iter_mut().enumerate() {
            let number = u32::try_from(20 + (class * 7 + month * 5) % 13).unwrap();
            *amount = f64::from(number);
            transactions.push(json!({
                "timestamp": format!("2020-{:02}-05", month + 1),
                "amount": -*amount,
                "class": format!("class-{class}"),
            }));
        }
    }
    let history = json!({"transactions": transactions});
    let asked = json!({"method": "sensitivity", "top": 50});
    let explanation = server
        .ask("/v1/explain", &asking(history, asked), 201)
        .await;
    for (output, target) in explanation["targets"]
        .as_array()
        .unwrap()
        .iter()
        .enumerate()
    {
        let largest = numbers(&target["contributions"], "coefficient")[0].abs();
        for contribution in target["contributions"].as_array().unwrap() {
            let class = class(contribution);
            // d f / d ln(amounts of the class) = Σ_t effect_t · x (own effect - mean effect), for 10 % more.
            let slope: f64 = (0_i32..)
                .zip(&amounts)
                .map(|(month, amounts)| {
                    let total: f64 = amounts.iter().sum();
                    let effects = (0..CLASSES).map(|class| effect(output, class, 2 - month));
                    let mean: f64 = effects
                        .zip(amounts)
                        .map(|(effect, amount)| effect * amount / total)
                        .sum();
                    amounts[class] / total * (effect(output, class, 2 - month) - mean)
                })
                .sum();
            let expected = slope * 1.1_f64.ln();
            let found = contribution["coefficient"].as_f64().unwrap();
            assert!(
                (found - expected).abs() < 0.02 * largest,
                "{output}: {class} changes {found}, not {expected}"
            );
        }
        let r2 = target["fidelity"]["r2_holdout"].as_f64().unwrap();
        assert!(r2 > 0.99, "{output}: {r2}");
        let reason = target["reasons"][0]["text"].as_str().unwrap();
        assert!(reason.starts_with("With 10 % more spending on"), "{reason}");
    }
}
