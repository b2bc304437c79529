//! Pictures of the documents: each is a figure of the server, of an example that is committed.
//!
//! `WRITE_DOCUMENTS=1 cargo test --locked --test api pictures` writes them anew.

use std::path::PathBuf;

use reqwest::StatusCode;
use serde_json::{Value, json};

use test_support::explanations::explain;
use test_support::histories::with_options;
use test_support::shared_server::shared_server;

/// A picture: its file, the example, the options of its explanation, and the figure.
type Picture = (&'static str, &'static str, fn() -> Value, &'static str);

const PICTURES: [Picture; 6] = [
    (
        "why",
        "history",
        || json!({"target": "extraversion"}),
        "cause-0",
    ),
    ("trajectory", "history", || json!({}), "trajectory"),
    ("trust", "history", || json!({}), "fidelity"),
    (
        "what-changed",
        "history",
        || json!({"method": "change", "since": "2019-01-01", "target": "extraversion"}),
        "cause-0",
    ),
    (
        "what-would-change-it",
        "history",
        || json!({"method": "recourse", "wish": {"segment": "any"}}),
        "recourse-0",
    ),
    (
        "pairs",
        "few-classes",
        || json!({"target": "extraversion"}),
        "pairs-0",
    ),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn example(name: &str) -> Value {
    let file = root().join("examples").join(name).with_extension("json");
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

/// The numbers of a text, and the text between them. A sign is part of the text.
fn taken_apart(text: &str) -> (Vec<&str>, Vec<&str>) {
    let is_number = |character: char| character.is_ascii_digit() || character == '.';
    let words = text.split(is_number).filter(|word| !word.is_empty());
    let numbers = text.split(|character| !is_number(character));
    let numbers = numbers.filter(|number| number.contains(|one: char| one.is_ascii_digit()));
    (words.collect(), numbers.collect())
}

/// Whether two numbers differ by no more than one in the last digit that both are shown to: processors round differently.
fn is_near(one: &str, another: &str) -> bool {
    let digits = |number: &str| {
        number
            .trim_end_matches('.')
            .split_once('.')
            .map_or(0, |(_, part)| part.len())
    };
    let parse = |number: &str| number.trim_end_matches('.').parse::<f64>();
    let (Ok(first), Ok(second)) = (parse(one), parse(another)) else {
        return one == another;
    };
    let digits = i32::try_from(digits(one).max(digits(another))).unwrap();
    let step = if digits == 0 {
        0.0
    } else {
        10_f64.powi(-digits)
    };
    (first - second).abs() <= 1.5 * step
}

#[tokio::test]
async fn pictures_of_the_documents_are_figures_of_the_server() {
    let server = shared_server();
    for (name, history, options, figure) in PICTURES {
        let given = explain(&server, &with_options(example(history), options())).await;
        let path = format!("/v1/explanations/{}/chart.svg?figure={figure}", given.id);
        let response = server.get(&path).await;
        assert_eq!(response.status(), StatusCode::OK, "{name}");
        let drawn = response.text().await.unwrap();
        let file = root()
            .join("docs/pictures")
            .join(name)
            .with_extension("svg");
        if std::env::var_os("WRITE_DOCUMENTS").is_some() {
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, drawn + "\n").unwrap();
            continue;
        }
        let kept = std::fs::read_to_string(&file).unwrap();
        let (words, numbers) = taken_apart(kept.trim_end());
        let (drawn_words, drawn_numbers) = taken_apart(&drawn);
        assert_eq!(words, drawn_words, "{name}: see the head of this file");
        assert_eq!(numbers.len(), drawn_numbers.len(), "{name}");
        for (one, another) in numbers.iter().zip(&drawn_numbers) {
            assert!(is_near(one, another), "{name}: {one} is {another} now");
        }
        assert!(drawn.len() < 40_000, "{name}: {} bytes", drawn.len());
    }
}

#[test]
fn numbers_are_near_to_one_in_the_last_digit() {
    assert!(is_near("0.117", "0.118") && is_near("100", "100.1") && is_near("12", "12"));
    assert!(!is_near("0.117", "0.119") && !is_near("100", "101") && !is_near("2019", "2020"));
}
