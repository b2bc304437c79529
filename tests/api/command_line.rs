//! The commands, as a shell sees them.

use std::io::Write;
use std::process::{Output, Stdio};

use serde_json::Value;

use crate::histories::example;
use crate::server::{Server, expect_failure, microseg};

fn with_input(arguments: &[&str], input: &str) -> Output {
    let mut child = microseg()
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writing = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap().unwrap();
    output
}

fn lines(output: &Output) -> Vec<Value> {
    let text = std::str::from_utf8(&output.stdout).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[tokio::test]
async fn score_and_explain_give_what_the_server_gives() {
    let server = Server::start(&[]);
    let scored = microseg()
        .args(["score", "examples/history.json"])
        .output()
        .unwrap();
    assert_eq!(
        lines(&scored),
        [server.ask("/v1/score", &example(), 200).await]
    );

    let explained = microseg()
        .args(["explain", "examples/history.json", "--target", "openness"])
        .output()
        .unwrap();
    let mut document = example();
    document["explain"] = serde_json::json!({"target": "openness"});
    let from_server = server.ask("/v1/explain", &document, 201).await;
    assert_eq!(lines(&explained)[0]["targets"], from_server["targets"]);

    // A flag wins over the history's own wish.
    let flags = ["--method", "global-linear", "--level", "cell"];
    let explained = with_input(
        &[&["explain", "-"], &flags[..]].concat(),
        &document.to_string(),
    );
    document["explain"] =
        serde_json::json!({"target": "openness", "method": "global-linear", "level": "cell"});
    let from_server = server.ask("/v1/explain", &document, 201).await;
    assert_eq!(lines(&explained)[0]["targets"], from_server["targets"]);
}

#[test]
fn a_bad_line_becomes_a_problem_on_its_line_and_the_rest_goes_on() {
    let good = example().to_string();
    let output = with_input(&["score", "-"], &format!("{good}\nnonsense\n\n{good}\n"));
    assert_eq!(output.status.code(), Some(1));
    let answers = lines(&output);
    assert_eq!(answers.len(), 3);
    assert_eq!(answers[0], answers[2]);
    assert_eq!(answers[1]["status"], 400);
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("line 2: ")
    );
}

#[test]
fn a_line_beyond_the_limit_becomes_a_problem_on_its_line_and_the_rest_goes_on() {
    let good = r#"{"transactions": [{"timestamp": "2020-01-01", "amount": -1, "class": "rent"}]}"#;
    let output = with_input(
        &["score", "-", "--max-body-bytes", "100"],
        &format!("{good}\n{}\n{good}\n", "x".repeat(1_000_000)),
    );
    assert_eq!(output.status.code(), Some(1));
    let answers = lines(&output);
    assert_eq!(answers.len(), 3);
    assert_eq!(
        (&answers[0], &answers[1]["status"]),
        (&answers[2], &Value::from(413))
    );
}

#[test]
fn a_population_can_be_simulated_encoded_and_scored() {
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

    let encoded = lines(&with_input(&["encode", "-"], &population));
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
    let scored = with_input(&["score", "-"], &population);
    assert!(scored.status.success());
    assert_eq!(lines(&scored).len(), 5);
}

#[test]
fn encode_stops_at_the_first_bad_line_and_names_it() {
    let output = with_input(&["encode", "-"], &format!("{}\n{{}}\n", example()));
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("line 2: ")
    );
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let file = "no-such-file.ndjson";
    expect_failure(microseg().args(["score", file]), file);
}

#[test]
fn a_flag_wins_over_its_variable_and_both_are_checked() {
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
    assert!(
        String::from_utf8(wrong.stderr)
            .unwrap()
            .contains("--fidelity-target")
    );
}
