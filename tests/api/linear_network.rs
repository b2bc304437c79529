//! Explanations of a network that is linear in the shares, whose coefficients are known.

use serde_json::{Value, json};

use test_support::custom_model::{CLASSES, CustomModel};
use test_support::explanations::numbers;
use test_support::histories::with_options;
use test_support::server::Server;

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

/// The effect of a share of 1 in a class on an output so many months later.
fn effect(output: usize, class: usize, later: i32) -> f64 {
    let dimensions = 0..DIMENSIONS;
    dimensions
        .map(|i| d(output, i) * A[i].powi(later) * b(i, class))
        .sum()
}

fn server() -> (CustomModel, Server) {
    let model = CustomModel::linear();
    let shape = [("--layers", "1"), ("--hidden-size", "3")];
    let built = model.build_with("models", &shape).status();
    assert!(built.unwrap().success());
    let server = Server::start_on(&model.path("models"), &[]);
    (model, server)
}

/// A history with one class in each month: a mask removes whole months.
fn one_class_a_month() -> Value {
    let transaction = |month: usize| {
        let (year, of_year) = (2019 + month / 12, 1 + month % 12);
        json!({"timestamp": format!("{year}-{of_year:02}-05"), "amount": -10.0, "class": format!("class-{month}")})
    };
    json!({"transactions": (0..CLASSES).map(transaction).collect::<Vec<_>>()})
}

fn class(contribution: &Value) -> usize {
    let name = contribution["class"].as_str().unwrap();
    name.strip_prefix("class-").unwrap().parse().unwrap()
}

fn months_before_the_last(class: usize) -> i32 {
    i32::try_from(CLASSES - 1 - class).unwrap()
}

#[tokio::test]
async fn every_method_finds_the_coefficients_of_a_linear_network() {
    let (_model, server) = server();
    for (method, level, close) in [
        ("lime", "class", 1e-5),
        ("lime", "cell", 1e-5),
        ("shapley", "class", 1e-5),
        ("shapley", "cell", 1e-5),
        ("global-linear", "class", 1e-3),
        ("global-linear", "cell", 1e-3),
    ] {
        let asked = json!({"method": method, "level": level, "top": 50, "baseline": "absence"});
        let explanation = server
            .ask(
                "/v1/explain",
                &with_options(one_class_a_month(), asked),
                201,
            )
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
async fn sensitivity_finds_the_slopes_of_a_linear_network() {
    let (_model, server) = server();
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
        .ask("/v1/explain", &with_options(history, asked), 201)
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
