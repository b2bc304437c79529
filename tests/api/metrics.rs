//! `GET /metrics`, and the table of `docs/metrics.md`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::json;

use crate::bundles::Copy;
use crate::histories::{asking, example};
use crate::server::Server;

/// The names that the server tells, without what each kind of metric adds to them.
async fn told(server: &Server) -> BTreeSet<String> {
    let text = server.get("/metrics").await.text().await.unwrap();
    let kinds = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let name = |line: &str| {
        let (name, kind) = line.split_once(' ').unwrap();
        let total = if kind == "counter" { "_total" } else { "" };
        format!("{name}{total}")
    };
    kinds.map(name).collect()
}

#[tokio::test]
async fn every_metric_is_documented_and_no_other() {
    let copy = Copy::new();
    copy.add_other(2);
    let server = copy.serve(&["--shadow", "spending-personality/2"]);
    for asked in 0.. {
        if told(&server).await.contains("microseg_shadow_difference") {
            break;
        }
        assert!(asked < 1_000, "nothing was compared");
        server.ask("/v1/score", &example(), 200).await;
    }
    let asked = asking(example(), json!({"samples": 128}));
    server.ask("/v1/explain", &asked, 201).await;

    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/metrics.md");
    let page = fs::read_to_string(page).unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    let documented: BTreeSet<String> = rows
        .map(|row| row.split('`').next().unwrap().to_owned())
        .collect();
    assert_eq!(told(&server).await, documented);
}

#[tokio::test]
async fn drift_is_told_once_somebody_was_scored() {
    let server = Server::start(&[]);
    let name = "microseg_population_stability_index";
    assert!(!told(&server).await.contains(name));
    server.ask("/v1/score", &example(), 200).await;
    let text = server.get("/metrics").await.text().await.unwrap();
    let line = text.lines().find(|line| line.starts_with(name)).unwrap();
    let index: f64 = line.rsplit(' ').next().unwrap().parse().unwrap();
    // One customer of three classes is not like the population.
    assert!(index > 0.25, "{line}");
}
