//! `POST /v1/explain` with the method `recourse`: every answer is held against a scoring.

use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde_json::{Value, json};

use test_support::client::{ApiClient, problem};
use test_support::custom_model::CustomModel;
use test_support::explanations::{explain, reproducible};
use test_support::histories::{example, history, small_history, transaction, with_options};
use test_support::server::Server;
use test_support::shared_server::shared_server;
use test_support::store::TestStore;

/// Amounts of two years by class.
const YEARS: [(&str, [(&str, f64); 4]); 2] = [
    (
        "2019",
        [
            ("rent", 400.0),
            ("restaurants", 120.0),
            ("groceries", 80.0),
            ("airlines", 50.0),
        ],
    ),
    (
        "2020",
        [
            ("rent", 410.0),
            ("restaurants", 20.0),
            ("groceries", 95.5),
            ("airlines", 74.25),
        ],
    ),
];

/// The customer, with other amounts in the last year.
fn customer(changes: &[Value]) -> Value {
    let mut amounts: Vec<(&str, String, f64)> = { YEARS.iter() }
        .flat_map(|(year, amounts)| {
            amounts
                .iter()
                .map(|(class, amount)| (*year, (*class).to_owned(), *amount))
        })
        .collect();
    for change in changes {
        let class = change["class"].as_str().unwrap();
        let amount = change["new_amount"].as_f64().unwrap();
        amounts.retain(|(year, of, _)| *year != "2020" || of != class);
        amounts.push(("2020", class.to_owned(), amount));
    }
    let spent = amounts.iter().filter(|(_, _, amount)| *amount > 0.0);
    let transactions: Vec<Value> = spent
        .map(|(year, class, amount)| transaction(&format!("{year}-06-01"), -amount, class))
        .collect();
    history(&transactions)
}

async fn recourse(server: &ApiClient, mut options: Value) -> Value {
    options["method"] = json!("recourse");
    let given = explain(server, &with_options(customer(&[]), options)).await;
    assert_eq!(given.document["method"]["name"], "recourse");
    assert_eq!(given.document["targets"], json!([]));
    assert_eq!(given.document["quality"]["verdict"], "ok");
    given.document["recourse"].clone()
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

/// Whether the alternatives are sorted, what they say of themselves, and that each leads where it says.
async fn assert_true(server: &ApiClient, answer: &Value) {
    assert_eq!(answer["status"], "found");
    let mut last = 0.0;
    for alternative in list(&answer["alternatives"]) {
        let changes = list(&alternative["changes"]);
        let taken =
            |change: &Value| (number(&change["amount"]) - number(&change["new_amount"])).max(0.0);
        let moved: f64 = changes.iter().map(taken).sum();
        assert!((moved - number(&alternative["moved_amount"])).abs() < 0.01);
        let share = number(&alternative["moved_share"]);
        assert!((share - moved / number(&answer["spending"])).abs() < 1e-4);
        assert!(share >= last);
        last = share;
        for change in changes {
            let cents = number(&change["new_amount"]) * 100.0;
            assert!((cents - cents.round()).abs() < 1e-6, "{change}");
        }
        let scoring = server.ask("/v1/score", &customer(changes), 200).await;
        assert_eq!(scoring["segment"]["id"], alternative["segment"]);
    }
}

#[tokio::test]
async fn changes_into_any_other_segment_are_true_and_the_least_is_the_robustness() {
    let server = shared_server();
    let answer = recourse(&server, json!({"wish": {"segment": "any"}})).await;
    assert_true(&server, &answer).await;
    let scoring = server.ask("/v1/score", &customer(&[]), 200).await;
    assert_eq!(answer["segment"], scoring["segment"]["id"]);
    assert_eq!(answer["period"], "2020");
    assert_eq!(
        answer["robustness"],
        answer["alternatives"][0]["moved_share"]
    );
    for alternative in list(&answer["alternatives"]) {
        assert_ne!(alternative["segment"], answer["segment"]);
    }
    // A little less does not suffice: the least change is on the edge.
    let mut short = list(&answer["alternatives"][0]["changes"]).clone();
    for change in &mut short {
        let (old, new) = (number(&change["amount"]), number(&change["new_amount"]));
        change["new_amount"] = json!(old + 0.98 * (new - old));
    }
    let scoring = server.ask("/v1/score", &customer(&short), 200).await;
    assert_eq!(scoring["segment"]["id"], answer["segment"]);
    // Any other segment is at least as near as a named one.
    let named = answer["alternatives"][0]["segment"].clone();
    let to_named = recourse(
        &server,
        json!({"wish": {"segment": named}, "alternatives": 1}),
    )
    .await;
    assert_true(&server, &to_named).await;
    assert_eq!(list(&to_named["alternatives"]).len(), 1);
    assert!(to_named.get("robustness").is_none());
    let least = number(&to_named["alternatives"][0]["moved_share"]);
    assert!((least - number(&answer["robustness"])).abs() < 2e-3);
}

#[tokio::test]
async fn number_is_brought_past_its_bounds_with_the_classes_that_are_allowed() {
    let server = shared_server();
    let scoring = server.ask("/v1/score", &customer(&[]), 200).await;
    let now = number(&scoring["traits"]["openness"]);
    let free = ["restaurants", "groceries", "airlines"];
    for (wish, is_reached) in [
        (json!({"above": now + 0.01}), now + 0.01..1.0),
        (json!({"below": now - 0.01}), 0.0..now - 0.01),
        (
            json!({"above": now + 0.01, "below": now + 0.02}),
            now + 0.01..now + 0.02,
        ),
    ] {
        let options = json!({"wish": wish, "target": "openness", "allow": free});
        let answer = recourse(&server, options).await;
        assert_true(&server, &answer).await;
        assert!((number(&answer["value"]) - now).abs() < 1e-9);
        for alternative in list(&answer["alternatives"]) {
            let value = number(&alternative["value"]);
            assert!(is_reached.contains(&value), "{wish}: {value}");
            let changes = list(&alternative["changes"]);
            assert!(
                changes
                    .iter()
                    .all(|one| free.contains(&one["class"].as_str().unwrap()))
            );
            let scoring = server.ask("/v1/score", &customer(changes), 200).await;
            assert_eq!(scoring["traits"]["openness"], alternative["value"]);
        }
    }
    let options = json!({"wish": {"above": now + 0.01}, "target": "openness", "freeze": ["rent"]});
    let answer = recourse(&server, options).await;
    for alternative in list(&answer["alternatives"]) {
        assert!(
            list(&alternative["changes"])
                .iter()
                .all(|one| one["class"] != "rent")
        );
    }
    // The score of a decision is a number as well.
    let decision = json!({"weights": {"openness": -2.0}, "intercept": 1.0});
    let score = 1.0 - 2.0 * now;
    let options = json!({"wish": {"below": score - 0.02}, "target": decision});
    let answer = recourse(&server, options).await;
    assert!((number(&answer["value"]) - score).abs() < 1e-6);
    assert!(number(&answer["alternatives"][0]["value"]) < score - 0.02);
}

#[tokio::test]
async fn wish_that_is_fulfilled_or_out_of_reach_is_an_answer() {
    let server = shared_server();
    let answer = recourse(
        &server,
        json!({"wish": {"above": -5.0}, "target": "openness"}),
    )
    .await;
    assert_eq!(answer["status"], "fulfilled");
    assert_eq!(answer["alternatives"], json!([]));
    let own = answer["segment"].clone();
    let answer = recourse(&server, json!({"wish": {"segment": own}})).await;
    assert_eq!(answer["status"], "fulfilled");
    let answer = recourse(
        &server,
        json!({"wish": {"above": 5.0}, "target": "openness"}),
    )
    .await;
    assert_eq!(answer["status"], "not_found");
    let tiny = json!({"wish": {"segment": "any"}, "budget": 0.000_01});
    let answer = recourse(&server, tiny).await;
    assert_eq!(answer["status"], "not_found");
    assert_eq!(answer["robustness"], Value::Null);
    assert!(answer.as_object().unwrap().contains_key("robustness"));
}

#[tokio::test]
async fn least_change_of_a_linear_network_is_that_of_its_coefficients() {
    // The last month counts most: B of tests/data/linear.py by class, seen by the first output through D.
    let small = |number: usize| f64::from(u8::try_from(number).unwrap());
    let b = |i: usize, class: usize| (small((7 * i + 3 * class) % 11) - 5.0) / 20.0;
    let d = |i: usize| (small(2 * i % 7) - 3.0) / 4.0;
    let coefficient = |class: usize| (0..3).map(|i| d(i) * b(i, class)).sum::<f64>();
    let model = CustomModel::linear();
    let shape = [("--layers", "1"), ("--hidden-size", "3")];
    assert!(
        model
            .build_with("models", &shape)
            .status()
            .unwrap()
            .success()
    );
    let server = Server::start_on(&model.path("models"), &[]);
    let own = [(0, 0.5), (1, 0.3), (2, 0.2)];
    let transactions: Vec<Value> = { own.iter() }
        .map(|(class, share)| transaction("2020-05-05", -1e4 * share, &format!("class-{class}")))
        .collect();
    let document = history(&transactions);
    let scoring = server.ask("/v1/score", &document, 200).await;
    // The first output.
    let now = number(&scoring["traits"]["calm"]);
    let classes = 0..test_support::custom_model::CLASSES;
    let best = classes.map(coefficient).fold(f64::NEG_INFINITY, f64::max);
    let worst = own
        .iter()
        .map(|(class, _)| coefficient(*class))
        .fold(f64::INFINITY, f64::min);
    let options = json!({"method": "recourse", "target": "calm", "wish": {"above": now + 0.1 * (best - worst)}});
    let answer = explain(&server, &with_options(document, options))
        .await
        .document;
    let moved = number(&answer["recourse"]["alternatives"][0]["moved_share"]);
    assert!((0.1..0.1005).contains(&moved), "{moved}");
}

#[tokio::test]
async fn recourse_is_the_same_every_time_and_its_record_is_verified_and_listed() {
    let stored = TestStore::sqlite();
    let server = stored.start(&["--keep-input", "totals"]);
    let options = json!({"method": "recourse", "wish": {"segment": "any"}, "budget": 0.25});
    let asked = with_options(example(), options);
    let first = explain(&server, &asked).await;
    let second = explain(&server, &asked).await;
    assert_eq!(
        reproducible(first.document.clone()),
        reproducible(second.document)
    );
    let path = format!("/v1/explanations/{}/verify", first.id);
    assert_eq!(server.ask(&path, &Value::Null, 200).await["agrees"], true);
    // Its page shows what it knows of it.
    let page = server.request(Method::GET, &first.path());
    let page = page.header(ACCEPT, "text/html").send().await.unwrap();
    assert_eq!(page.status(), 200);
    assert_eq!(page.headers()[CONTENT_TYPE], "text/html; charset=utf-8");
    let customer = example()["customer_id"].as_str().unwrap().to_owned();
    let listed = server
        .get_json(&format!("/v1/explanations?customer_id={customer}"))
        .await;
    assert_eq!(listed["explanations"][0]["method"], "recourse");
    assert_eq!(listed["explanations"][0]["verdict"], "ok");
    server.end();
}

#[tokio::test]
async fn what_does_not_fit_is_refused_at_its_member() {
    let server = shared_server();
    let any = json!({"segment": "any"});
    let asked = |mut options: Value| {
        options["method"] = json!("recourse");
        options
    };
    for (options, pointer) in [
        (asked(json!({})), "/explain/wish"),
        (asked(json!({"wish": {}})), "/explain/wish"),
        (
            asked(json!({"wish": {"segment": "99"}})),
            "/explain/wish/segment",
        ),
        (asked(json!({"wish": {"above": 0.5}})), "/explain/target"),
        (
            asked(json!({"wish": {"above": 0.5}, "target": "nothing"})),
            "/explain/target",
        ),
        (
            asked(json!({"wish": any, "allow": ["rent", "groceries", "tea"]})),
            "/explain/allow/2",
        ),
        (
            asked(json!({"wish": any, "freeze": ["rent", "rent"]})),
            "/explain/freeze/1",
        ),
        (
            asked(json!({"wish": any, "allow": ["rent"]})),
            "/explain/allow",
        ),
        (
            asked(json!({"wish": any, "level": "cell"})),
            "/explain/level",
        ),
        (
            asked(json!({"wish": any, "baseline": "absence"})),
            "/explain/baseline",
        ),
        (
            asked(json!({"wish": any, "budget": 1.5})),
            "/explain/budget",
        ),
        (
            asked(json!({"wish": any, "alternatives": 0})),
            "/explain/alternatives",
        ),
        (json!({"wish": any}), "/explain/wish"),
        (json!({"budget": 0.5}), "/explain/budget"),
    ] {
        let body = with_options(small_history(), options.clone()).to_string();
        let refused = problem(server.post("/v1/explain", body).await, 422).await;
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{options}");
    }
}
