//! `POST /v1/explain` with the default method `shapley`: held against enumeration of the network's own scorings.

use serde_json::{Value, json};

use test_support::client::{ApiClient, problem};
use test_support::explanations::{numbers, reproducible};
use test_support::histories::{example, history, transaction, with_options};
use test_support::model_tables::model_table;
use test_support::shapley::shapley;
use test_support::shared_server::shared_server;

const CLASSES: [&str; 4] = ["rent", "restaurants", "groceries", "airlines"];

/// Three years with four classes; the second has no airlines.
fn four_classes() -> Value {
    let amounts = [
        [400.0, 120.0, 80.0, 50.0],
        [410.0, 20.0, 95.0, 0.0],
        [50.0, 210.0, 300.0, 90.0],
    ];
    let mut transactions = Vec::new();
    for (year, amounts) in amounts.iter().enumerate() {
        for (class, amount) in CLASSES.iter().zip(amounts) {
            if *amount > 0.0 {
                transactions.push(transaction(
                    &format!("{}-06-01", 2018 + year),
                    -amount,
                    class,
                ));
            }
        }
    }
    history(&transactions)
}

async fn explained(server: &ApiClient, history: Value, options: Value) -> Value {
    let body = with_options(history, options);
    server.ask("/v1/explain", &body, 201).await
}

/// The network's outputs for each coalition: in each year the share that is left is spent as the population spends. Scorings take
/// amounts, whose shares are those of the mix.
async fn coalitions(server: &ApiClient, trait_name: &str) -> Vec<f64> {
    let document = four_classes();
    let population = model_table(server, "").await["population"]["shares"]["mean"].clone();
    let surrogate = model_table(server, "/surrogate").await;
    let mean: Vec<f64> = serde_json::from_value(population).unwrap();
    let classes: Vec<String> = serde_json::from_value(surrogate["classes"].clone()).unwrap();
    let sum: f64 = mean.iter().sum();
    let mut values = Vec::new();
    for set in 0..1_usize << CLASSES.len() {
        let mut transactions = Vec::new();
        for year in 2018..2021 {
            let of_year: Vec<(&str, f64)> = document["transactions"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|one| {
                    one["timestamp"]
                        .as_str()
                        .unwrap()
                        .starts_with(&year.to_string())
                })
                .map(|one| {
                    (
                        one["class"].as_str().unwrap(),
                        -one["amount"].as_f64().unwrap(),
                    )
                })
                .collect();
            let total: f64 = of_year.iter().map(|(_, amount)| amount).sum();
            let is_kept = |class: &str| {
                let place = CLASSES.iter().position(|one| *one == class).unwrap();
                set >> place & 1 == 1
            };
            let kept = of_year.iter().filter(|(class, _)| is_kept(class));
            let kept: Vec<(&str, f64)> = kept
                .map(|(class, amount)| (*class, amount / total))
                .collect();
            let left = 1.0 - kept.iter().map(|(_, share)| share).sum::<f64>();
            for (class, mean) in classes.iter().zip(&mean) {
                let own: f64 = { kept.iter() }
                    .filter(|(one, _)| one == class)
                    .map(|(_, share)| share)
                    .sum();
                let share = own + left.max(0.0) * mean / sum;
                if share > 0.0 {
                    transactions.push(transaction(&format!("{year}-06-01"), -share * 1e6, class));
                }
            }
        }
        let scoring = server.ask("/v1/score", &history(&transactions), 200).await;
        values.push(scoring["traits"][trait_name].as_f64().unwrap());
    }
    values
}

#[tokio::test]
async fn default_explanation_has_the_shapley_values_against_the_population() {
    let server = shared_server();
    let values = coalitions(&server, "openness").await;
    let options = json!({"target": "openness"});
    let explanation = explained(&server, four_classes(), options).await;
    assert_eq!(explanation["method"]["name"], "shapley");
    assert_eq!(explanation["method"]["version"], 2);
    assert_eq!(explanation["schema_version"], "3");
    assert_eq!(explanation["baseline"]["kind"], "population");
    let target = &explanation["targets"][0];
    let base = target["base_value"].as_f64().unwrap();
    assert!((base - values[0]).abs() < 1e-6, "{base} {}", values[0]);
    for (class, expected) in CLASSES
        .iter()
        .zip(shapley(CLASSES.len(), |set| values[set]))
    {
        let mut contributions = target["contributions"].as_array().unwrap().iter();
        let found = contributions.find(|one| one["class"] == *class).unwrap();
        let found = found["contribution"].as_f64().unwrap();
        assert!(
            (found - expected).abs() < 2e-6,
            "{class}: {found} {expected}"
        );
    }
    let fidelity = &target["fidelity"];
    assert_eq!(fidelity["exact"], true);
    assert_eq!(fidelity["relative_standard_error"], 0.0);
    assert!(fidelity["additivity_r2"].as_f64().unwrap() > 0.5);
    assert_eq!(target["quality"], json!({"verdict": "ok", "causes": []}));
    assert_eq!(target["stability"]["csi"], Value::Null);
    assert_eq!(explanation["quality"]["thresholds"]["csi"], Value::Null);
}

#[tokio::test]
async fn kernel_shap_is_another_name_for_shapley() {
    let server = shared_server();
    let [one, other] = [json!({}), json!({"method": "kernel-shap"})];
    let one = reproducible(explained(&server, example(), one).await);
    let mut other = reproducible(explained(&server, example(), other).await);
    assert_eq!(other["options"]["method"].take(), "kernel-shap");
    other["options"] = one["options"].clone();
    assert_eq!(one, other);
}

#[tokio::test]
async fn sums_are_exact_and_all_coalitions_are_fitted_at_every_level_and_baseline() {
    let server = shared_server();
    for level in ["class", "period", "cell"] {
        for baseline in ["population", "absence"] {
            for method in ["shapley", "lime"] {
                let options =
                    json!({"method": method, "level": level, "baseline": baseline, "top": 5});
                let explanation = explained(&server, example(), options).await;
                assert_eq!(explanation["baseline"]["kind"], baseline);
                for target in explanation["targets"].as_array().unwrap() {
                    let number = |member: &str| target[member].as_f64().unwrap();
                    let listed: f64 = numbers(&target["contributions"], "contribution")
                        .iter()
                        .sum();
                    let other = target["other"]["contribution"].as_f64().unwrap();
                    let sum = number("intercept") + listed + other + number("residual");
                    assert!(
                        (sum - number("value")).abs() < 1e-9,
                        "{method} {level} {baseline}"
                    );
                    if method == "shapley" {
                        let added = number("value") - number("base_value");
                        assert!((listed + other - added).abs() < 1e-9, "{level} {baseline}");
                        assert!(number("residual").abs() < 1e-9);
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn baseline_that_a_method_or_bundle_does_not_have_is_refused_with_those_there_are() {
    let server = shared_server();
    for (options, words) in [
        (json!({"baseline": "own"}), "expected population or absence"),
        (
            json!({"baseline": "segment"}),
            "expected population or absence",
        ),
        (
            json!({"method": "sensitivity", "baseline": "population"}),
            "expected own",
        ),
        (
            json!({"method": "global-linear", "baseline": "population"}),
            "expected absence",
        ),
    ] {
        let body = with_options(example(), options.clone()).to_string();
        let refused = problem(server.post("/v1/explain", body).await, 422).await;
        assert_eq!(
            refused["errors"][0]["pointer"], "/explain/baseline",
            "{options}"
        );
        let detail = refused["errors"][0]["detail"].as_str().unwrap();
        assert!(detail.starts_with(words), "{options}: {detail}");
    }
}

/// The largest contribution's distance between two explanations, over the largest contribution.
fn distance(one: &Value, other: &Value) -> f64 {
    let mut largest: f64 = 0.0;
    let mut farthest: f64 = 0.0;
    let targets = [one, other].map(|one| one["targets"].as_array().unwrap().clone());
    for (one, other) in targets[0].iter().zip(&targets[1]) {
        for part in one["contributions"].as_array().unwrap() {
            let mut others = other["contributions"].as_array().unwrap().iter();
            let same = others
                .find(|other| other["class"] == part["class"])
                .unwrap();
            let [a, b] = [part, same].map(|part| part["contribution"].as_f64().unwrap());
            largest = largest.max(a.abs());
            farthest = farthest.max((a - b).abs());
        }
    }
    farthest / largest
}

#[tokio::test]
async fn cent_more_draws_the_same_coalitions_and_hardly_moves_a_contribution() {
    let server = shared_server();
    let options = json!({"top": 1_000});
    let mut more = example();
    let amount = &mut more["transactions"][0]["amount"];
    *amount = json!(amount.as_f64().unwrap() - 0.01);
    for method in ["shapley", "lime"] {
        let mut options = options.clone();
        options["method"] = json!(method);
        let one = explained(&server, example(), options.clone()).await;
        let other = explained(&server, more.clone(), options).await;
        assert_ne!(one["input"]["sha256"], other["input"]["sha256"]);
        assert_eq!(one["method"]["seed"], other["method"]["seed"]);
        let moved = distance(&one, &other);
        assert!(moved > 0.0 && moved < 1e-4, "{method}: {moved}");
    }
}

#[tokio::test]
async fn one_class_alone_is_nothing_to_explain() {
    let server = shared_server();
    let alone = history(&[transaction("2020-01-01", -10.0, "rent")]);
    for method in ["shapley", "lime", "sensitivity"] {
        let explanation = explained(&server, alone.clone(), json!({"method": method})).await;
        let quality = &explanation["quality"];
        assert_eq!(quality["verdict"], "nothing_to_explain", "{method}");
        let cause = &explanation["targets"][0]["quality"]["causes"][0];
        assert_eq!(cause["name"], "one_part");
    }
    // Scaling all of a period changes no share.
    let by_period = json!({"method": "sensitivity", "level": "period"});
    let explanation = explained(&server, example(), by_period).await;
    assert_eq!(explanation["quality"]["verdict"], "nothing_to_explain");
    let cause = &explanation["targets"][0]["quality"]["causes"][0];
    assert_eq!(cause["name"], "no_effect");
}

#[tokio::test]
async fn values_that_are_hardly_known_are_unstable_and_their_reasons_say_so() {
    let server = shared_server();
    let options = json!({"samples": 32, "baseline": "absence"});
    let explanation = explained(&server, example(), options).await;
    assert_eq!(explanation["quality"]["verdict"], "unstable");
    for target in explanation["targets"].as_array().unwrap() {
        for reason in target["reasons"].as_array().unwrap() {
            assert_eq!(reason["uncertain"], true);
            let text = reason["text"].as_str().unwrap();
            assert!(text.starts_with("Uncertain: "), "{text}");
        }
    }
    let trusted = explained(&server, four_classes(), json!({})).await;
    let reason = &trusted["targets"][0]["reasons"][0];
    assert!(reason.get("uncertain").is_none());
    assert!(reason["text"].as_str().unwrap().starts_with("Spending on"));
}

#[tokio::test]
async fn pairs_are_listed_where_a_sum_explains_too_little() {
    let server = shared_server();
    let options = json!({"fidelity_target": 1.0, "target": "openness"});
    let explanation = explained(&server, four_classes(), options).await;
    let target = &explanation["targets"][0];
    let interactions = &target["interactions"];
    assert_eq!(interactions["pairs"].as_array().unwrap().len(), 6);
    let r2 = interactions["r2"].as_f64().unwrap();
    assert!(r2 > target["fidelity"]["additivity_r2"].as_f64().unwrap());
    // Main effects and pairs sum to the whole; a contribution is its main effect and half of its pairs where three or more parts
    // do nothing together.
    let main: f64 = numbers(&target["contributions"], "main_effect")
        .iter()
        .sum();
    let pairs: f64 = numbers(&interactions["pairs"], "interaction").iter().sum();
    let number = |member: &str| target[member].as_f64().unwrap();
    let added = number("value") - number("base_value");
    assert!((main + pairs - added).abs() < 1e-9);
    assert_eq!(explanation["quality"]["verdict"], "ok");
}

#[tokio::test]
async fn segment_is_the_distance_to_the_boundary_with_a_named_rival() {
    let server = shared_server();
    let explanation = explained(&server, example(), json!({"target": "segment"})).await;
    let target = &explanation["targets"][0];
    let scoring = server.ask("/v1/score", &example(), 200).await;
    assert_eq!(target["segment"], scoring["segment"]["id"]);
    let population = model_table(&server, "").await["population"].clone();
    let numbers = |value: &Value| -> Vec<f64> { serde_json::from_value(value.clone()).unwrap() };
    let mean = numbers(&population["final_states"]["mean"]);
    let deviation = numbers(&population["final_states"]["deviation"]);
    let standardized = |state: Vec<f64>| -> Vec<f64> {
        let pairs = mean.iter().zip(&deviation);
        state
            .iter()
            .zip(pairs)
            .map(|(s, (m, d))| (s - m) / d)
            .collect()
    };
    let segments = model_table(&server, "/segments").await;
    let center = |id: &Value| {
        let mut all = segments["segments"].as_array().unwrap().iter();
        standardized(numbers(
            &all.find(|one| one["id"] == *id).unwrap()["center"],
        ))
    };
    let state = standardized(numbers(&scoring["features"]["state"]));
    let (own, rival) = (center(&target["segment"]), center(&target["rival"]));
    let square =
        |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum() };
    let expected =
        (square(&state, &rival) - square(&state, &own)) / (2.0 * square(&rival, &own).sqrt());
    let found = target["value"].as_f64().unwrap();
    assert!(
        found > 0.0 && (found - expected).abs() < 1e-4,
        "{found} {expected}"
    );
}

#[tokio::test]
async fn decision_of_the_caller_is_explained_in_its_own_unit() {
    let server = shared_server();
    let scoring = server.ask("/v1/score", &example(), 200).await;
    let decision = json!({
        "weights": {"openness": -1.2, "state.0": 0.3}, "intercept": 0.1, "link": "logit", "adverse": "higher",
    });
    let options = json!({"target": decision, "adverse_only": true, "top": 1_000});
    let explanation = explained(&server, example(), options).await;
    let target = &explanation["targets"][0];
    assert_eq!(target["name"], "decision");
    let number = |value: &Value| value.as_f64().unwrap();
    let expected = 0.1 - 1.2 * number(&scoring["traits"]["openness"])
        + 0.3 * number(&scoring["features"]["state"][0]);
    let value = number(&target["value"]);
    assert!((value - expected).abs() < 1e-6, "{value} {expected}");
    let shown = number(&target["shown"]["value"]);
    assert!((shown - 1.0 / (1.0 + (-value).exp())).abs() < 1e-12);

    // Its contributions are the same sums of those of openness and of the state, with the same coalitions.
    let seed = &explanation["method"]["seed"];
    let of = async |name: &str| {
        let options = json!({"target": name, "seed": seed, "top": 1_000});
        explained(&server, example(), options).await["targets"][0].clone()
    };
    let (openness, state) = (of("openness").await, of("state.0").await);
    for part in target["contributions"].as_array().unwrap() {
        let same = |other: &Value| {
            let mut others = other["contributions"].as_array().unwrap().iter();
            number(
                &others
                    .find(|other| other["class"] == part["class"])
                    .unwrap()["contribution"],
            )
        };
        let expected = -1.2 * same(&openness) + 0.3 * same(&state);
        let found = number(&part["contribution"]);
        assert!((found - expected).abs() < 1e-6, "{found} {expected}");
    }
    let reasons = target["reasons"].as_array().unwrap();
    assert!(!reasons.is_empty());
    for reason in reasons {
        assert_eq!(reason["sign"], "+", "only what makes the score worse");
        assert!(
            reason["text"]
                .as_str()
                .unwrap()
                .contains("raises the score by")
        );
    }
}

#[tokio::test]
async fn decision_on_numbers_that_the_model_lacks_is_refused() {
    let server = shared_server();
    for (target, pointer) in [
        (json!({"weights": {"shoe-size": 1}}), "/explain/target"),
        (json!({"weights": {"state.99": 1}}), "/explain/target"),
        (json!({"weights": {}}), "/explain/target/weights"),
        (
            json!({"weights": {"openness": "1"}}),
            "/explain/target/weights/openness",
        ),
        (
            json!({"weights": {"openness": 1}, "link": "probit"}),
            "/explain/target/link",
        ),
        (json!({"intercept": 1}), "/explain/target"),
    ] {
        let body = with_options(example(), json!({"target": target})).to_string();
        let refused = problem(server.post("/v1/explain", body).await, 422).await;
        assert_eq!(
            refused["errors"][0]["pointer"], pointer,
            "{target}: {refused}"
        );
    }
}
