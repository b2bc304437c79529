//! The dashboard asks for nothing that the server does not tell: its metrics, its labels, its addresses.

use serde_json::Value;

use crate::histories::example;
use crate::server::Server;

/// A file of Grafana's.
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

/// Labels in an expression that must be just so, as `route="/v1/score"`.
fn labels_of(expression: &str) -> impl Iterator<Item = &str> {
    let lists = expression.split("microseg_").filter_map(|part| {
        let (_, rest) = part.split_once('{')?;
        // A route may have braces of its own; the list ends before the range.
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
async fn the_dashboard_asks_for_what_the_server_tells() {
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
    let told = server.get("/metrics").await.text().await.unwrap();

    let expressions = expressions();
    assert!(expressions.len() > 10, "{expressions:?}");
    for expression in &expressions {
        for metric in metrics_of(expression) {
            let is_told = told
                .lines()
                .any(|line| line.split(['{', ' ']).next() == Some(metric));
            assert!(is_told, "nobody tells {metric}: {expression}");
        }
        for label in labels_of(expression) {
            assert!(told.contains(label), "nobody tells {label}: {expression}");
        }
        for group in groups_of(expression) {
            // Prometheus adds who was asked.
            let is_told = group == "instance" || told.contains(&format!("{group}=\""));
            assert!(is_told, "nobody tells {group}: {expression}");
        }
    }
}

#[test]
fn the_dashboard_reads_the_data_source_that_is_set_up() {
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
