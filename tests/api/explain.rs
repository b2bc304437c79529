//! `POST /v1/explain` with the method `lime`, and options of all methods: contributions, fidelity, options and verdicts.

use serde_json::{Value, json};

use test_support::client::problem;
use test_support::explanations::{numbers, reproducible};
use test_support::histories::{example, history, transaction, with_options};
use test_support::server::Server;
use test_support::shared_server::shared_server;

#[tokio::test]
async fn contributions_add_up_and_fidelity_is_measured_on_held_out_samples() {
    let server = shared_server();
    let scoring = server.ask("/v1/score", &example(), 200).await;
    let explanation = server
        .ask(
            "/v1/explain",
            &with_options(example(), json!({"method": "lime", "top": 7})),
            201,
        )
        .await;

    let targets = explanation["targets"].as_array().unwrap();
    assert_eq!(targets.len(), 5);
    for target in targets {
        let name = target["name"].as_str().unwrap();
        let number = |member: &str| target[member].as_f64().unwrap();
        assert_eq!(
            target["value"], scoring["traits"][name],
            "the explained value is the scored one"
        );
        let contributions = numbers(&target["contributions"], "contribution");
        assert_eq!(contributions.len(), 7);
        assert!(contributions.is_sorted_by(|one, next| one.abs() >= next.abs()));
        let other = target["other"]["contribution"].as_f64().unwrap();
        let sum =
            number("intercept") + contributions.iter().sum::<f64>() + other + number("residual");
        assert!(
            (sum - number("value")).abs() <= 1e-9 * number("value").abs(),
            "{name}: {sum}"
        );
        let shares = numbers(&target["contributions"], "share")
            .iter()
            .sum::<f64>();
        assert!((shares + target["other"]["share"].as_f64().unwrap() - 1.0).abs() < 1e-9);

        let fidelity = &target["fidelity"];
        let r2 = fidelity["r2_holdout"].as_f64().unwrap();
        assert!((0.9..=1.0).contains(&r2), "{name}: {r2}");
        assert!(fidelity["effective_samples"].as_f64().unwrap() > 50.0);
        for contribution in target["contributions"].as_array().unwrap() {
            let coefficient = contribution["coefficient"].as_f64().unwrap();
            let interval = contribution["ci95"].as_array().unwrap();
            assert!(
                interval[0].as_f64().unwrap() <= coefficient
                    && coefficient <= interval[1].as_f64().unwrap()
            );
        }
    }
    assert_eq!(explanation["quality"]["verdict"], "ok");
    assert_eq!(explanation["method"]["samples_used"], 512);
    assert_eq!(explanation["customer_id"], example()["customer_id"]);
    assert!(explanation["timing_ms"]["total"].as_f64().unwrap() > 0.0);
}

#[tokio::test]
async fn same_request_gives_the_same_numbers_on_every_server() {
    let first = Server::start(&["--threads", "1"]);
    let second = Server::start(&["--threads", "2"]);
    let document = with_options(example(), json!({"target": "state"}));
    let one = reproducible(first.ask("/v1/explain", &document, 201).await);
    assert_eq!(
        one,
        reproducible(first.ask("/v1/explain", &document, 201).await)
    );
    assert_eq!(
        one,
        reproducible(second.ask("/v1/explain", &document, 201).await)
    );

    // The order of transactions is not part of the input.
    let mut reversed = document.clone();
    reversed["transactions"].as_array_mut().unwrap().reverse();
    assert_eq!(
        one,
        reproducible(first.ask("/v1/explain", &reversed, 201).await)
    );

    // Another seed draws other perturbations; the seed of the answer draws the same ones.
    let other = with_options(example(), json!({"target": "state", "seed": 5}));
    assert_ne!(
        one["targets"],
        reproducible(first.ask("/v1/explain", &other, 201).await)["targets"]
    );
    let seed = &one["method"]["seed"];
    let same = with_options(example(), json!({"target": "state", "seed": seed}));
    let mut again = reproducible(first.ask("/v1/explain", &same, 201).await);
    assert_eq!(again["options"]["seed"].take(), *seed);
    assert_eq!(one, again);
}

#[tokio::test]
async fn single_output_or_dimension_is_explained() {
    let server = shared_server();
    let scoring = server.ask("/v1/score", &example(), 200).await;
    let output = server
        .ask(
            "/v1/explain",
            &with_options(example(), json!({"target": "openness"})),
            201,
        )
        .await;
    assert_eq!(output["targets"].as_array().unwrap().len(), 1);
    assert_eq!(output["targets"][0]["value"], scoring["traits"]["openness"]);
    let state = server
        .ask(
            "/v1/explain",
            &with_options(example(), json!({"target": "state.2"})),
            201,
        )
        .await;
    assert_eq!(
        state["targets"][0]["value"],
        scoring["features"]["state"][2]
    );
}

#[tokio::test]
async fn invalid_options_are_refused_with_their_pointer() {
    let server = shared_server();
    for (options, pointer) in [
        (json!({"target": "shoe-size"}), "/explain/target"),
        (json!({"target": "state.99"}), "/explain/target"),
        (json!({"target": 3}), "/explain/target"),
        (json!({"method": "unknown"}), "/explain/method"),
        (json!({"method": 5}), "/explain/method"),
        (json!({"method": {"lime": null}}), "/explain/method"),
        (json!({"samples": "512"}), "/explain/samples"),
        (json!({"level": "atom"}), "/explain/level"),
        (json!({"language": "tlh"}), "/explain/language"),
        (json!({"reasons": 21}), "/explain/reasons"),
        (json!({"deadline_ms": 0}), "/explain/deadline_ms"),
        (json!({"samples": 1e9}), "/explain/samples"),
        (json!({"samples": 1_000_000}), "/explain/samples"),
        (json!({"top": 0}), "/explain/top"),
        (json!({"seed": -1}), "/explain/seed"),
        (json!({"fidelity_target": 2}), "/explain/fidelity_target"),
        (json!([]), "/explain"),
    ] {
        let body = with_options(example(), options.clone()).to_string();
        let refused = problem(server.post("/v1/explain", body).await, 422).await;
        assert_eq!(
            refused["errors"][0]["pointer"], pointer,
            "{options}: {refused}"
        );
    }
}

#[tokio::test]
async fn missed_fidelity_target_gives_low_fidelity() {
    let server = shared_server();
    let demanding = with_options(
        example(),
        json!({"method": "lime", "fidelity_target": 1.0, "target": "openness"}),
    );
    let explanation = server.ask("/v1/explain", &demanding, 201).await;
    assert_eq!(explanation["quality"]["verdict"], "low_fidelity");
    assert!(
        explanation["quality"]["reasons"][0]
            .as_str()
            .unwrap()
            .starts_with("openness: held-out R²")
    );
    assert_eq!(explanation["quality"]["thresholds"]["r2_holdout"], 1.0);
}

#[tokio::test]
async fn too_few_classes_give_low_fidelity() {
    let server = shared_server();
    let classes = ["rent", "restaurants", "groceries"];
    for count in 1..=classes.len() {
        let transactions: Vec<Value> = classes[..count]
            .iter()
            .map(|class| transaction("2020-01-01", -10.0, class))
            .collect();
        let asked = with_options(history(&transactions), json!({"method": "lime"}));
        let explanation = server.ask("/v1/explain", &asked, 201).await;
        let verdict = match count {
            1 => "nothing_to_explain",
            _ => "low_fidelity",
        };
        assert_eq!(explanation["quality"]["verdict"], verdict, "{count}");
        for target in explanation["targets"].as_array().unwrap() {
            assert_eq!(target["fidelity"]["r2_holdout"], Value::Null, "{count}");
        }
        if count == 1 {
            // With one class there is one effect: the whole difference from the baseline.
            let target = &explanation["targets"][0];
            let effect = target["contributions"][0]["contribution"].as_f64().unwrap();
            let difference =
                target["value"].as_f64().unwrap() - target["base_value"].as_f64().unwrap();
            assert!((effect - difference).abs() < 1e-6, "{effect} {difference}");
        }
    }
}

#[tokio::test]
async fn dominant_class_has_a_note_with_its_removal_and_does_not_condemn_the_rest() {
    let server = shared_server();
    let mut document = example();
    document["transactions"]
        .as_array_mut()
        .unwrap()
        .push(transaction("2019-06-01", -1e6, "rent"));
    let mut without = document.clone();
    let transactions = without["transactions"].as_array_mut().unwrap();
    transactions.retain(|one| one["class"] != "rent");
    let scoring = server.ask("/v1/score", &without, 200).await;
    let asked = with_options(document, json!({"method": "lime"}));
    let explanation = server.ask("/v1/explain", &asked, 201).await;
    for target in explanation["targets"].as_array().unwrap() {
        let notes = target["notes"].as_array().unwrap().iter();
        let mut of_rent = notes.filter(|note| note["part"]["class"] == "rent");
        let note = of_rent.next().unwrap();
        assert_eq!(note["reason"], "large_part");
        let name = target["name"].as_str().unwrap();
        let [without, scored] = [&note["without"], &scoring["traits"][name]];
        let [without, scored] = [without, scored].map(|one| one.as_f64().unwrap());
        assert!(
            (without - scored).abs() < 1e-6,
            "{name}: {without} {scored}"
        );
        let causes = target["quality"]["causes"].as_array().unwrap().iter();
        for cause in causes {
            assert!(!cause["text"].as_str().unwrap().contains("rent"), "{cause}");
        }
        // A sentence has the number that was measured.
        let mut reasons = target["reasons"].as_array().unwrap().iter();
        let adds = note["adds"].as_f64().unwrap();
        if let Some(reason) = reasons.find(|one| one["class"] == "rent") {
            let sign = if adds < 0.0 { "-" } else { "+" };
            assert_eq!(reason["sign"], sign, "{name}: {adds}");
            let text = reason["text"].as_str().unwrap();
            let number = text.rsplit_once(" by ").unwrap().1.trim_end_matches('.');
            let said: f64 = number.parse().unwrap();
            assert!(
                (said - adds.abs()).abs() <= 0.005 * adds.abs(),
                "{text}: {adds}"
            );
        }
    }
}
