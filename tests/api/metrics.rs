//! `GET /metrics` and the table of `docs/metrics.md`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::json;
use tempfile::TempDir;

use test_support::bundle_copy::BundleCopy;
use test_support::described_model::DescribedModel;
use test_support::histories::{example, history, transaction, with_options};
use test_support::server::Server;
use test_support::wait::eventually;

/// The names of the exported metrics; only counters keep their suffix.
async fn exported(server: &Server) -> BTreeSet<String> {
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
async fn exported_metrics_are_the_documented_ones() {
    let copy = BundleCopy::make();
    copy.add_different(2);
    let server = copy.start(&["--shadow", "spending-personality/2"]);
    let name = "microseg_shadow_difference";
    eventually("a history is compared", async || {
        server.ask("/v1/score", &example(), 200).await;
        exported(&server).await.contains(name).then_some(())
    })
    .await;
    let explained = with_options(example(), json!({"samples": 128}));
    server.ask("/v1/explain", &explained, 201).await;

    let mut kept = transaction("2019-03-01", -5.0, "rent");
    kept["id"] = "t".into();
    let path = "/v1/customers/c-1/transactions";
    server.ask(path, &history(&[kept]), 200).await;

    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/metrics.md");
    let page = fs::read_to_string(page).unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    let documented: BTreeSet<String> = rows
        .map(|row| row.split('`').next().unwrap().to_owned())
        .collect();
    let mut found = exported(&server).await;
    // Drift of inputs is that of networks that read more than shares.
    let folder = TempDir::new().unwrap();
    let model = DescribedModel::build(folder.path(), "event-gru", |_| {});
    let of_events = Server::start_on(&model.models(), &[]);
    let transaction = json!({"timestamp": "2019-03-02", "amount": -3, "class": "groceries"});
    let history = json!({"transactions": [transaction]});
    of_events.ask("/v1/score", &history, 200).await;
    found.extend(exported(&of_events).await);
    assert_eq!(found, documented);
    let text = of_events.get("/metrics").await.text().await.unwrap();
    let amount =
        "microseg_input_stability_index{model=\"event-gru\",version=\"1\",input=\"amount\"}";
    assert!(text.contains(amount), "{text}");
}

#[tokio::test]
async fn drift_is_exported_after_the_first_scoring() {
    let server = Server::start(&[]);
    let name = "microseg_population_stability_index";
    assert!(!exported(&server).await.contains(name));
    server.ask("/v1/score", &example(), 200).await;
    let text = server.get("/metrics").await.text().await.unwrap();
    let line = text.lines().find(|line| line.starts_with(name)).unwrap();
    let index: f64 = line.rsplit(' ').next().unwrap().parse().unwrap();
    // One customer of three classes is not like the population.
    assert!(index > 0.25, "{line}");
}

#[tokio::test]
async fn verdicts_are_counted_by_model_and_level() {
    let server = Server::start(&[]);
    for level in ["class", "cell", "cell"] {
        let explained = with_options(example(), json!({"samples": 128, "level": level}));
        server.ask("/v1/explain", &explained, 201).await;
    }
    let text = server.get("/metrics").await.text().await.unwrap();
    for (level, count) in [("class", 1), ("cell", 2)] {
        let of = format!(
            "microseg_explanation_verdicts_total{{model=\"spending-personality\",version=\"1\",method=\"shapley\",level=\"{level}\","
        );
        let lines = text.lines().filter(|line| line.starts_with(&of));
        let counts = lines.map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap());
        assert_eq!(counts.sum::<u64>(), count, "{level}: {text}");
    }
}
