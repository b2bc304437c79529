//! `POST /v1/explain` with the method `change`: held against enumeration of the network's own scorings.

use std::collections::BTreeMap;

use reqwest::Method;
use reqwest::header::ACCEPT;
use serde_json::{Value, json};

use test_support::client::{ApiClient, problem};
use test_support::described_networks::{Built, cases};
use test_support::explanations::{explain, numbers, reproducible};
use test_support::histories::{example, history, small_history, transaction, with_options};
use test_support::server::Server;
use test_support::shapley::shapley;
use test_support::shared_server::shared_server;
use test_support::store::TestStore;

const CLASSES: [&str; 4] = ["rent", "restaurants", "groceries", "airlines"];

/// Amounts of the years 2017 to 2020; nothing is spent on airlines before the last two.
const AMOUNTS: [[f64; 4]; 4] = [
    [100.0, 10.0, 300.0, 0.0],
    [400.0, 120.0, 80.0, 0.0],
    [410.0, 20.0, 95.0, 200.0],
    [50.0, 210.0, 300.0, 900.0],
];

/// The place of the first year that is divided.
const FIRST: usize = 2;

type Basket = BTreeMap<&'static str, f64>;

/// What is spent in each year, from 2017 on.
fn yearly(baskets: impl IntoIterator<Item = Basket>) -> Value {
    let mut transactions = Vec::new();
    for (year, basket) in baskets.into_iter().enumerate() {
        for (class, amount) in basket.into_iter().filter(|(_, amount)| *amount > 0.0) {
            let date = format!("{}-06-01", 2017 + year);
            transactions.push(transaction(&date, -amount, class));
        }
    }
    history(&transactions)
}

fn basket(year: usize) -> Basket {
    CLASSES.into_iter().zip(AMOUNTS[year]).collect()
}

/// The shares of a year when only the classes of a set are as they were: the rest is spent as in the year before the cut.
fn mixed(year: usize, set: usize) -> Basket {
    let shares = |year: usize| {
        let total: f64 = AMOUNTS[year].iter().sum();
        AMOUNTS[year].map(|amount| amount / total)
    };
    let (now, before) = (shares(year), shares(FIRST - 1));
    let kept = |class: usize| {
        let is_kept = set >> class & 1 == 1;
        if is_kept { now[class] } else { 0.0 }
    };
    let left = 1.0 - (0..CLASSES.len()).map(kept).sum::<f64>();
    let share = |class: usize| 1e6 * (kept(class) + left * before[class]);
    let classes = CLASSES.into_iter().enumerate();
    classes.map(|(class, name)| (name, share(class))).collect()
}

async fn scored(server: &ApiClient, history: &Value, output: &str) -> f64 {
    let scoring = server.ask("/v1/score", history, 200).await;
    scoring["traits"][output].as_f64().unwrap()
}

fn asked(mut options: Value) -> Value {
    options["method"] = json!("change");
    options
}

/// A difference of a target's members, in which contributions are summed.
fn assert_sums(target: &Value) {
    let number = |member: &str| target[member].as_f64().unwrap();
    let contributions = numbers(&target["contributions"], "contribution");
    let listed: f64 = contributions.iter().sum();
    let added = listed + target["other"]["contribution"].as_f64().unwrap();
    let change = number("value") - number("base_value");
    let sum = number("unassigned") + added;
    assert!((sum - change).abs() < 1e-9, "{sum} {change}");
    let unassigned = number("intercept") - number("base_value");
    assert!((number("unassigned") - unassigned).abs() < 1e-12);
    assert!(number("residual").abs() < 1e-9);
}

#[tokio::test]
async fn change_since_a_year_has_the_shapley_values_of_mixes_with_the_year_before() {
    let server = shared_server();
    let mut values = Vec::new();
    for set in 0..1_usize << CLASSES.len() {
        let before = (0..FIRST).map(basket);
        let since = (FIRST..AMOUNTS.len()).map(|year| mixed(year, set));
        let mix = yearly(before.chain(since));
        values.push(scored(&server, &mix, "openness").await);
    }
    let then = scored(&server, &yearly((0..FIRST).map(basket)), "openness").await;
    let customer = yearly((0..AMOUNTS.len()).map(basket));
    // The whole period that the moment is in counts as since then.
    for since in ["2019-01-01", "2019-09-30T12:00:00Z"] {
        let options = asked(json!({"target": "openness", "since": since, "reasons": 1}));
        let given = explain(&server, &with_options(customer.clone(), options)).await;
        let document = given.document;
        assert_eq!(document["method"]["name"], "change");
        let cut = json!({"from": "2019-01-01T00:00:00Z", "period": "2019"});
        assert_eq!(document["method"]["since"], cut);
        assert_eq!(document["options"]["since"], since);
        assert_eq!(document["baseline"]["kind"], "earlier");
        let target = &document["targets"][0];
        let number = |member: &str| target[member].as_f64().unwrap();
        assert!((number("base_value") - then).abs() < 1e-6);
        assert!((number("intercept") - values[0]).abs() < 1e-6);
        assert_sums(target);
        for (class, expected) in CLASSES
            .iter()
            .zip(shapley(CLASSES.len(), |set| values[set]))
        {
            let mut contributions = target["contributions"].as_array().unwrap().iter();
            let found = contributions.find(|one| one["class"] == *class).unwrap();
            let found = found["contribution"].as_f64().unwrap();
            assert!((found - expected).abs() < 2e-6, "{class}: {found}");
        }
        assert_eq!(target["fidelity"]["exact"], true);
        assert_eq!(target["quality"], json!({"verdict": "ok", "causes": []}));
        let sentence = target["reasons"][0]["text"].as_str().unwrap();
        let begin = "Compared with the time before 2019: Spending on ";
        assert!(sentence.starts_with(begin), "{sentence}");
    }
}

#[tokio::test]
async fn sums_are_exact_at_every_level_and_records_are_verified() {
    let stored = TestStore::sqlite();
    let server = stored.start(&["--keep-input", "totals"]);
    for level in ["class", "period", "cell"] {
        for target in ["traits", "state", "segment"] {
            let options =
                asked(json!({"since": "2017-01-01", "level": level, "target": target, "top": 5}));
            let given = explain(&server, &with_options(example(), options)).await;
            let targets = given.document["targets"].as_array().unwrap();
            targets.iter().for_each(assert_sums);
            let periods = targets
                .iter()
                .flat_map(|one| one["contributions"].as_array().unwrap());
            let mut periods = periods.filter_map(|one| one["period"].as_str());
            assert!(periods.all(|period| period >= "2017"), "{level}");
            let path = format!("/v1/explanations/{}/verify", given.id);
            let verified = server.ask(&path, &Value::Null, 200).await;
            assert_eq!(verified["agrees"], true, "{level} {target}");
            let page = server.request(Method::GET, &given.path());
            let page = page.header(ACCEPT, "text/html").send().await.unwrap();
            assert_eq!(page.status(), 200, "{level} {target}");
        }
    }
    let options = asked(json!({"since": "2017-01-01"}));
    let again = with_options(example(), options);
    let first = explain(&server, &again).await.document;
    let second = explain(&server, &again).await.document;
    assert_eq!(reproducible(first), reproducible(second));
    server.end();
}

#[tokio::test]
async fn rival_of_a_changed_segment_is_the_one_of_then() {
    let server = shared_server();
    let (then, now) = ("rent", "airlines");
    let year = |class: &'static str| Basket::from([(class, 100.0)]);
    let mut history = yearly([then, then, now, now].map(year));
    let before = server
        .ask("/v1/score", &yearly([then, then].map(year)), 200)
        .await;
    let after = server.ask("/v1/score", &history, 200).await;
    let [before, after] = [before, after].map(|scoring| scoring["segment"]["id"].clone());
    assert_ne!(before, after);
    let options = asked(json!({"since": "2019-01-01", "target": "segment"}));
    history = with_options(history, options);
    let target = &explain(&server, &history).await.document["targets"][0];
    assert_eq!((&target["segment"], &target["rival"]), (&after, &before));
    assert!(target["value"].as_f64().unwrap() > 0.0);
    assert!(target["base_value"].as_f64().unwrap() < 0.0);
    assert_sums(target);
}

#[tokio::test]
async fn moment_that_does_not_fit_is_refused_at_its_member() {
    let server = shared_server();
    for (options, pointer, words) in [
        (
            json!({"method": "change"}),
            "/explain/since",
            "expected a date or a time",
        ),
        (
            json!({"since": "2019-01-01"}),
            "/explain/since",
            "expected no such member",
        ),
        (
            asked(json!({"since": "2018-03-01"})),
            "/explain/since",
            "expected a moment inside",
        ),
        (
            asked(json!({"since": "1999-03-01"})),
            "/explain/since",
            "expected a moment inside",
        ),
        (
            asked(json!({"since": "2020-01-01"})),
            "/explain/since",
            "expected a moment inside",
        ),
        (
            asked(json!({"since": "soon"})),
            "/explain/since",
            "expected an RFC 3339 time",
        ),
        (
            asked(json!({"since": "2019-01-01", "level": "event"})),
            "/explain/level",
            "expected class, period or cell",
        ),
        (
            asked(json!({"since": "2019-01-01", "baseline": "absence"})),
            "/explain/baseline",
            "expected earlier",
        ),
    ] {
        let body = with_options(small_history(), options.clone()).to_string();
        let refused = problem(server.post("/v1/explain", body).await, 422).await;
        let error = &refused["errors"][0];
        assert_eq!(error["pointer"], pointer, "{options}");
        let detail = error["detail"].as_str().unwrap();
        assert!(detail.starts_with(words), "{options}: {detail}");
    }
}

#[tokio::test]
async fn period_without_spending_since_then_is_refused() {
    let server = shared_server();
    let mut quiet = small_history();
    quiet["as_of"] = json!("2021-12-31");
    let options = asked(json!({"since": "2020-06-01"}));
    let body = with_options(quiet, options).to_string();
    let refused = problem(server.post("/v1/explain", body).await, 422).await;
    let detail = refused["errors"][0]["detail"].as_str().unwrap();
    assert_eq!(
        detail,
        "expected an earlier moment: nothing was spent since then"
    );
}

#[tokio::test]
async fn transactions_since_then_are_divided_where_steps_are_events() {
    for (network, case) in [
        ("event-gru", "unknown-categories"),
        ("lifestream", "more-events-than-the-window"),
        ("monthly-lstm", "refunds-and-income"),
    ] {
        let built = Built::of(&[network]);
        let store = TestStore::sqlite();
        let arguments = ["--store", &store.url(), "--keep-input", "totals"];
        let server = Server::start_on(&built.models(), &arguments);
        let found = cases(network);
        let found = found.iter().find(|one| one["name"] == case).unwrap();
        let history = found["history"].clone();
        let mut times: Vec<&str> = { history["transactions"].as_array().unwrap().iter() }
            .map(|one| one["timestamp"].as_str().unwrap())
            .collect();
        times.sort_unstable();
        let is_monthly = network == "monthly-lstm";
        let since = if is_monthly {
            "2021-06-01"
        } else {
            times[2 * times.len() / 3]
        };
        let mut before = history.clone();
        let transactions = before["transactions"].as_array_mut().unwrap();
        transactions.retain(|one| one["timestamp"].as_str().unwrap() < since);
        let then = server.ask("/v1/score", &before, 200).await;
        for level in &["class", "period", "event"][..if is_monthly { 2 } else { 3 }] {
            let options = asked(json!({"since": since, "level": level, "samples": 64}));
            let given = explain(&server, &with_options(history.clone(), options)).await;
            for target in given.document["targets"].as_array().unwrap() {
                assert_sums(target);
                if !is_monthly {
                    let name = target["name"].as_str().unwrap();
                    let then = then["traits"][name].as_f64().unwrap();
                    let base = target["base_value"].as_f64().unwrap();
                    assert!((base - then).abs() < 1e-6, "{network} {level}");
                    let unassigned = target["unassigned"].as_f64().unwrap();
                    assert!(unassigned.abs() < 1e-5, "{network} {level}: {unassigned}");
                }
            }
            let path = format!("/v1/explanations/{}/verify", given.id);
            let verified = server.ask(&path, &Value::Null, 200).await;
            assert_eq!(verified["agrees"], true, "{network} {level}");
        }
        server.end();
    }
}
