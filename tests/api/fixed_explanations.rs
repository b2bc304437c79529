//! A server whose operator lets no caller choose how an explanation is made.

use serde_json::{Value, json};

use test_support::client::problem;
use test_support::explanations::explain;
use test_support::histories::{small_history, with_options};
use test_support::ndjson::{LineReader, ndjson_request};
use test_support::store::TestStore;

const CHOICES: [(&str, &str); 3] = [
    ("seed", "7"),
    ("fidelity_target", "0.5"),
    ("baseline", "\"absence\""),
];

fn with_choice((member, value): (&str, &str)) -> Value {
    let value: Value = serde_json::from_str(value).unwrap();
    with_options(small_history(), json!({"samples": 32, member: value}))
}

#[tokio::test]
async fn choices_of_callers_are_refused_by_name_and_earlier_records_are_verified() {
    let stored = TestStore::sqlite();
    let server = stored.start(&["--keep-input", "totals"]);
    let chosen = explain(&server, &with_choice(CHOICES[0])).await;
    server.end();

    let server = stored.start(&["--keep-input", "totals", "--fixed-explanations"]);
    for choice in CHOICES {
        let document = with_choice(choice);
        let pointer = format!("/explain/{}", choice.0);
        let answer = server.post("/v1/explain", document.to_string()).await;
        let refused = problem(answer, 422).await;
        assert_eq!(refused["errors"][0]["pointer"], *pointer);
        // At once, and not in the job.
        let request = server.post_as("/v1/explain", "application/json", document.to_string());
        let answer = request.header("prefer", "respond-async").send().await;
        problem(answer.unwrap(), 422).await;
        let request = ndjson_request(&server, "/v1/explain", document.to_string());
        let line = LineReader::send(request).await.line().await;
        assert_eq!(line["errors"][0]["pointer"], *pointer);
    }
    // What is asked about is the caller's to say.
    let options = json!({"samples": 32, "target": "openness", "level": "period", "top": 3});
    explain(&server, &with_options(small_history(), options)).await;
    let path = format!("/v1/explanations/{}/verify", chosen.id);
    assert_eq!(server.ask(&path, &Value::Null, 200).await["agrees"], true);
    server.end();
}
