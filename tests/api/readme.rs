//! The requests and answers in the README.

use serde_json::Value;

use test_support::histories::example;
use test_support::shared_server::shared_server;

/// Tolerance for the rounding of other processors.
const TOLERANCE: f64 = 1e-4;

/// The README's blocks of one language, in order.
fn blocks(language: &str) -> Vec<String> {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let fence = format!("```{language}\n");
    text.split(&fence)
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect()
}

/// Every shown member is in the answer; an array may show its first items.
fn assert_shows(shown: &Value, answer: &Value, place: &str) {
    match (shown, answer) {
        (Value::Object(shown), Value::Object(answer)) => {
            for (name, value) in shown {
                assert_shows(value, &answer[name], &format!("{place}/{name}"));
            }
        }
        (Value::Array(shown), Value::Array(answer)) => {
            assert!(shown.len() <= answer.len(), "{place}");
            for (index, value) in shown.iter().enumerate() {
                assert_shows(value, &answer[index], &format!("{place}/{index}"));
            }
        }
        (Value::Number(shown), Value::Number(answer)) => {
            let (shown, answer) = (shown.as_f64().unwrap(), answer.as_f64().unwrap());
            assert!(
                (shown - answer).abs() <= TOLERANCE,
                "{place}: {shown} {answer}"
            );
        }
        (shown, answer) => assert_eq!(shown, answer, "{place}"),
    }
}

#[tokio::test]
async fn answers_in_the_readme_are_actual_answers() {
    let server = shared_server();
    let answers: Vec<Value> = blocks("json")
        .iter()
        .map(|block| serde_json::from_str(block).unwrap())
        .collect();
    let [scoring, explanation] = answers.as_slice() else {
        panic!("the README shows a scoring and an explanation");
    };

    let requests = blocks("sh");
    let curl = requests
        .iter()
        .find(|block| block.contains("/v1/score"))
        .unwrap();
    let body = curl.split('\'').find(|part| part.starts_with('{')).unwrap();
    let answer = server
        .ask("/v1/score", &serde_json::from_str(body).unwrap(), 200)
        .await;
    assert_shows(scoring, &answer, "");

    let mut answer = server.ask("/v1/explain", &example(), 201).await;
    let shown = explanation["targets"][0]["name"].as_str().unwrap();
    answer["targets"]
        .as_array_mut()
        .unwrap()
        .retain(|target| target["name"] == shown);
    assert_shows(explanation, &answer, "");
}
