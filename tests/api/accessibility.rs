//! Pages held against WCAG 2.2 AA by axe-core in Chromium, in light and in dark colours.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use test_support::browser::Browser;
use test_support::explanations::explain;
use test_support::histories::{example, history, transaction, with_options};
use test_support::keys::{TestKey, server_with_keys};
use test_support::store::TestStore;

/// What pages are held against.
const RULES: [&str; 5] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/// What `tests/browser/fetch_axe.sh` has fetched.
fn axe() -> Option<String> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.axe"));
    let versions = std::fs::read_dir(folder).ok()?;
    let mut files: Vec<PathBuf> = { versions.filter_map(Result::ok) }
        .map(|version| version.path().join("axe.min.js"))
        .collect();
    files.sort();
    std::fs::read_to_string(files.pop()?).ok()
}

/// A browser and axe-core, unless one of them is not on this machine: then the test says so and ends.
async fn tools() -> Option<(Browser, String)> {
    let tools = match axe() {
        Some(axe) => Browser::start(true).await.map(|browser| (browser, axe)),
        None => None,
    };
    if tools.is_none() {
        eprintln!(
            "not tested: tests/browser/fetch.sh gets a browser, tests/browser/fetch_axe.sh gets axe-core"
        );
    }
    tools
}

/// Opens a page and asserts that nothing on it is against the rules.
async fn assert_accessible(browser: &Browser, axe: &str, name: &str, url: &str) {
    for scheme in ["light", "dark"] {
        browser.choose_colours(scheme).await;
        browser.open(url).await;
        browser.measure(axe).await;
        let script = format!(
            "const done = arguments[arguments.length - 1]; \
             const about = (node) => node.target.join(' ') + ': ' + node.failureSummary; \
             axe.run(document, {{runOnly: {}, resultTypes: ['violations']}}).then( \
                 (found) => done([found.passes.length, found.violations.map((rule) => \
                     rule.id + ' at ' + rule.nodes.length + ': ' + rule.nodes.slice(0, 3).map(about).join(' | '))]), \
                 (fault) => done([0, [String(fault)]]))",
            json!(RULES)
        );
        let found = browser.measure_later(&script).await;
        assert_eq!(found[1], json!([]), "{name}, {scheme}: {found:#}");
        assert!(
            found[0].as_u64().unwrap() > 10,
            "{name}: hardly a rule was looked at"
        );
    }
}

/// A customer with few classes, of whom pairs are told.
fn of_few_classes() -> Value {
    let amounts = [
        ("2018", [410.0, 20.0, 95.0, 200.0, 40.0]),
        ("2019", [50.0, 210.0, 300.0, 900.0, 60.0]),
        ("2020", [50.0, 310.0, 300.0, 900.0, 10.0]),
    ];
    let classes = ["rent", "restaurants", "groceries", "airlines", "pharmacies"];
    let of_year = |(year, amounts): &(&str, [f64; 5])| {
        let date = format!("{year}-06-01");
        let classes = classes.into_iter().zip(*amounts);
        classes
            .map(move |(class, amount)| transaction(&date, -amount, class))
            .collect::<Vec<_>>()
    };
    history(&amounts.iter().flat_map(of_year).collect::<Vec<_>>())
}

#[tokio::test]
async fn every_page_keeps_to_wcag_in_light_and_in_dark_colours() {
    let Some((browser, axe)) = tools().await else {
        return;
    };
    let stored = TestStore::sqlite();
    let server = stored.start(&[]);
    for (name, path) in [
        ("home", "/"),
        ("example", "/?example=1"),
        ("records", "/records"),
        ("docs", "/docs"),
        ("model", "/models/spending-personality"),
        ("missing", "/models/none"),
    ] {
        assert_accessible(&browser, &axe, name, &server.url(path)).await;
    }
    for (name, history) in [
        ("shapley", example()),
        ("lime", with_options(example(), json!({"method": "lime"}))),
        (
            "change",
            with_options(
                example(),
                json!({"method": "change", "since": "2019-01-01"}),
            ),
        ),
        (
            "recourse",
            with_options(
                example(),
                json!({"method": "recourse", "wish": {"segment": "any"}}),
            ),
        ),
        ("pairs", of_few_classes()),
    ] {
        let given = explain(&server, &history).await;
        let path = format!("/v1/explanations/{}", given.id);
        assert_accessible(&browser, &axe, name, &server.url(&path)).await;
        if name == "pairs" {
            assert_ne!(browser.text("#figure-pairs-2 h3").await, "");
        }
    }
    let list = "/records?customer_id=c-000059";
    assert_accessible(&browser, &axe, "list", &server.url(list)).await;

    let mut kept = example()["transactions"].clone();
    for (number, transaction) in kept.as_array_mut().unwrap().iter_mut().enumerate() {
        transaction["id"] = format!("t-{number}").into();
    }
    let body = json!({"transactions": kept});
    server
        .ask("/v1/customers/c-1/transactions", &body, 200)
        .await;
    assert_accessible(&browser, &axe, "customer", &server.url("/customers/c-1")).await;

    let key = TestKey::make("adviser", "explain+score");
    let locked = server_with_keys(&[&key], &[]);
    assert_accessible(&browser, &axe, "sign-in", &locked.url("/records")).await;
    browser.end().await;
}
