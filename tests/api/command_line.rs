//! Commands of the program with files, standard input, flags and variables.

use std::process::{Output, Stdio};

use serde_json::{Value, json};

use test_support::command::{
    documents, errors, expect_failure, lines, microseg, output_with_input,
};
use test_support::histories::example;
use test_support::shared_server::shared_server;

/// The program with arguments and some standard input.
fn run(arguments: &[&str], input: &str) -> Output {
    output_with_input(microseg().args(arguments), input.as_bytes())
}

/// The lines on standard output as documents.
fn answers(output: &Output) -> Vec<Value> {
    documents(&lines(output))
}

#[tokio::test]
async fn score_and_explain_commands_agree_with_the_server() {
    let server = shared_server();
    let scored = microseg()
        .args(["score", "examples/history.json"])
        .output()
        .unwrap();
    assert_eq!(
        answers(&scored),
        [server.ask("/v1/score", &example(), 200).await]
    );

    let explained = microseg()
        .args(["explain", "examples/history.json", "--target", "openness"])
        .output()
        .unwrap();
    let mut document = example();
    document["explain"] = json!({"target": "openness"});
    let from_server = server.ask("/v1/explain", &document, 201).await;
    assert_eq!(answers(&explained)[0]["targets"], from_server["targets"]);

    // A flag overrides the option in the history.
    let flags = ["--method", "global-linear", "--level", "cell"];
    let explained = run(
        &[&["explain", "-"], &flags[..]].concat(),
        &document.to_string(),
    );
    document["explain"] =
        serde_json::json!({"target": "openness", "method": "global-linear", "level": "cell"});
    let from_server = server.ask("/v1/explain", &document, 201).await;
    assert_eq!(answers(&explained)[0]["targets"], from_server["targets"]);
}

#[test]
fn bad_line_becomes_a_problem_and_the_rest_is_scored() {
    let good = example().to_string();
    let output = run(&["score", "-"], &format!("{good}\nnonsense\n\n{good}\n"));
    assert_eq!(output.status.code(), Some(1));
    let answers = answers(&output);
    assert_eq!(answers.len(), 3);
    assert_eq!(answers[0], answers[2]);
    assert_eq!(answers[1]["status"], 400);
    assert!(errors(&output).contains("line 2: "));
}

#[test]
fn too_long_line_becomes_a_problem_and_the_rest_is_scored() {
    let good = r#"{"transactions": [{"timestamp": "2020-01-01", "amount": -1, "class": "rent"}]}"#;
    let output = run(
        &["score", "-", "--max-body-bytes", "100"],
        &format!("{good}\n{}\n{good}\n", "x".repeat(1_000_000)),
    );
    assert_eq!(output.status.code(), Some(1));
    let answers = answers(&output);
    assert_eq!(answers.len(), 3);
    assert_eq!(
        (&answers[0], &answers[1]["status"]),
        (&answers[2], &Value::from(413))
    );
}

#[test]
fn simulated_customers_are_encoded_and_scored() {
    let simulate = |arguments: &[&str]| {
        let output = microseg().arg("simulate").args(arguments).output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let population = simulate(&["--customers", "5", "--seed", "9"]);
    assert_eq!(population, simulate(&["--customers", "5", "--seed", "9"]));
    assert_ne!(population, simulate(&["--customers", "5", "--seed", "10"]));
    assert!(population.ends_with(&simulate(&[
        "--customers",
        "2",
        "--seed",
        "9",
        "--first",
        "3"
    ])));

    let encoded = answers(&run(&["encode", "-"], &population));
    assert_eq!(encoded.len(), 5);
    for customer in &encoded {
        let periods = customer["periods"].as_array().unwrap().len();
        let profile = customer["profile"].as_array().unwrap();
        assert_eq!(profile.len(), periods);
        for row in profile {
            let row: Vec<f64> = row
                .as_array()
                .unwrap()
                .iter()
                .map(|share| share.as_f64().unwrap())
                .collect();
            assert_eq!(row.len(), 97);
            let sum: f64 = row.iter().sum();
            assert!((sum - 1.0).abs() < 1e-5 || sum == 0.0, "{sum}");
        }
    }
    let scored = run(&["score", "-"], &population);
    assert!(scored.status.success());
    assert_eq!(answers(&scored).len(), 5);
}

#[test]
fn encode_ends_at_the_first_bad_line_with_its_number() {
    let output = run(&["encode", "-"], &format!("{}\n{{}}\n", example()));
    assert_eq!(output.status.code(), Some(1));
    assert!(errors(&output).contains("line 2: "));
}

/// What `encode` prints for the example, with a description of what is read.
fn encoded_by(description: &Value) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("inputs.json");
    std::fs::write(&file, description.to_string()).unwrap();
    run(
        &["encode", "-", "--description", file.to_str().unwrap()],
        &format!("{}\n", example()),
    )
}

#[test]
fn encode_with_a_description_prints_the_numbers_and_categories_of_events() {
    let printed = encoded_by(&json!({
        "sequence": {"step": "event", "window": {"events": 3}},
        "inputs": {
            "numbers": [{"of": "amount"}, {"of": "weekday"}],
            "categories": [{"of": "sign", "vocabulary": {"out": 1, "in": 2}, "padding": 0, "unknown": 0, "missing": 0}],
        },
    }));
    let encoded = &answers(&printed)[0];
    let numbers = encoded["numbers"].as_array().unwrap();
    let categories = encoded["categories"].as_array().unwrap();
    assert_eq!((numbers.len(), categories.len()), (3, 3));
    for (number, category) in numbers.iter().zip(categories) {
        let code = if number[0].as_f64().unwrap() < 0.0 {
            1
        } else {
            2
        };
        assert_eq!(category, &json!([code]));
    }
    assert!(encoded.get("profile").is_none());
}

#[test]
fn encode_names_the_file_and_the_place_of_a_bad_description() {
    let wrong = encoded_by(&json!({
        "sequence": {"step": "event", "window": {"events": 3}},
        "inputs": {"numbers": [{"of": "share"}], "categories": []},
    }));
    assert_eq!(wrong.status.code(), Some(1));
    let text = errors(&wrong);
    assert!(text.contains("inputs.json: inputs"), "{text}");
}

#[test]
fn missing_input_file_is_named() {
    let file = "no-such-file.ndjson";
    expect_failure(microseg().args(["score", file]), file);
}

#[test]
fn flag_overrides_variable_and_both_are_validated() {
    let from_variable = |arguments: &[&str]| {
        let mut command = microseg();
        command
            .args(arguments)
            .env("MICROSEG_MODELS", "/nowhere")
            .stdin(Stdio::null());
        command
    };
    expect_failure(&mut from_variable(&["score", "-"]), "/nowhere");
    let mut with_flag = from_variable(&["score", "-", "--models", "models"]);
    assert!(with_flag.status().unwrap().success());

    let wrong = microseg()
        .args(["serve", "--fidelity-target", "7"])
        .output()
        .unwrap();
    assert_eq!(wrong.status.code(), Some(2));
    assert!(errors(&wrong).contains("--fidelity-target"));
}
