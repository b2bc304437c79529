//! Grafana dashboard: its metrics, labels and routes are those that the server exports.

use serde_json::Value;

use test_support::histories::example;
use test_support::server::Server;

/// A file of Grafana.
fn read(name: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/docker/grafana");
    std::fs::read_to_string(format!("{folder}/{name}")).unwrap()
}

fn dashboard() -> Value {
    serde_json::from_str(&read("microseg.json")).unwrap()
}

/// Every expression of every panel.
fn expressions() -> Vec<String> {
    let dashboard = dashboard();
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels
        .iter()
        .filter_map(|panel| panel["targets"].as_array())
        .flatten();
    targets
        .map(|target| target["expr"].as_str().unwrap().to_owned())
        .collect()
}

/// The service's metrics in an expression.
fn metrics_of(expression: &str) -> impl Iterator<Item = &str> {
    let words =
        expression.split(|character: char| !character.is_alphanumeric() && character != '_');
    words.filter(|word| word.starts_with("microseg_"))
}

/// Labels in an expression with an exact value, such as `route="/v1/score"`.
fn labels_of(expression: &str) -> impl Iterator<Item = &str> {
    let lists = expression.split("microseg_").filter_map(|part| {
        let (_, rest) = part.split_once('{')?;
        // A route may contain braces; the list ends before the range.
        Some(rest.split_once("}[")?.0)
    });
    lists
        .flat_map(|list| list.split(','))
        .filter(|label| label.contains("=\""))
}

/// The names of labels that an expression groups by.
fn groups_of(expression: &str) -> impl Iterator<Item = &str> {
    let lists = expression
        .split(" by (")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'));
    lists.flat_map(|(list, _)| list.split(", "))
}

#[tokio::test]
async fn dashboard_queries_only_exported_metrics() {
    let server = Server::start(&[]);
    server.ask("/v1/score", &example(), 200).await;
    server.ask("/v1/explain", &example(), 201).await;
    let nowhere = "00000000-0000-0000-0000-000000000000";
    assert_eq!(
        server.get(&format!("/v1/jobs/{nowhere}")).await.status(),
        404
    );
    let verification = format!("/v1/explanations/{nowhere}/verify");
    assert_eq!(server.post(&verification, "").await.status(), 404);
    let exported = server.get("/metrics").await.text().await.unwrap();

    let expressions = expressions();
    assert!(expressions.len() > 10, "{expressions:?}");
    for expression in &expressions {
        for metric in metrics_of(expression) {
            let is_exported = exported
                .lines()
                .any(|line| line.split(['{', ' ']).next() == Some(metric));
            assert!(is_exported, "{metric} is not exported: {expression}");
        }
        for label in labels_of(expression) {
            assert!(
                exported.contains(label),
                "{label} is not exported: {expression}"
            );
        }
        for group in groups_of(expression) {
            // Prometheus adds the instance.
            let is_exported = group == "instance" || exported.contains(&format!("{group}=\""));
            assert!(is_exported, "{group} is not exported: {expression}");
        }
    }
}

#[test]
fn dashboard_uses_the_provisioned_data_source() {
    let sources = read("datasources.yaml");
    let uids: Vec<&str> = sources
        .lines()
        .filter_map(|line| line.trim().strip_prefix("uid: "))
        .collect();
    for panel in dashboard()["panels"].as_array().unwrap() {
        if panel["type"] != "row" {
            assert_eq!([panel["datasource"]["uid"].as_str().unwrap()], *uids);
        }
    }
}
