//! `POST /v1/explain` with the method `global-linear`.

use serde_json::{Value, json};

use test_support::client::ApiClient;
use test_support::command::microseg;
use test_support::explanations::{numbers, reproducible};
use test_support::histories::{example, history, transaction, with_options};
use test_support::model_tables::{matrix, model_table, vector};
use test_support::server::Server;
use test_support::shared_server::shared_server;

fn options(target: &str, level: &str) -> Value {
    json!({"method": "global-linear", "target": target, "level": level, "top": 1_000})
}

async fn explained(server: &ApiClient, history: Value, options: Value) -> Value {
    server
        .ask("/v1/explain", &with_options(history, options), 201)
        .await
}

fn targets(explanation: &Value) -> &Vec<Value> {
    explanation["targets"].as_array().unwrap()
}

fn number(object: &Value, member: &str) -> f64 {
    object[member].as_f64().unwrap()
}

fn assert_close(found: f64, expected: f64, what: &str) {
    assert!(
        (found - expected).abs() <= 1e-9 * expected.abs().max(1.0),
        "{what}: {found} is not {expected}"
    );
}

#[tokio::test]
async fn contributions_add_up_at_every_level() {
    let server = shared_server();
    let scoring = server.ask("/v1/score", &example(), 200).await;
    for (target, level) in [
        ("traits", "class"),
        ("traits", "period"),
        ("traits", "cell"),
        ("state", "class"),
        ("state", "period"),
        ("state", "cell"),
    ] {
        let mut asked = options(target, level);
        asked["top"] = 4.into();
        let explanation = explained(&server, example(), asked).await;
        assert_eq!(explanation["method"]["scope"], "global");
        assert_eq!(explanation["method"]["level"], level);
        for (index, one) in targets(&explanation).iter().enumerate() {
            let name = one["name"].as_str().unwrap();
            let scored = match target {
                "traits" => &scoring["traits"][name],
                _ => &scoring["features"]["state"][index],
            };
            assert_eq!(
                &one["value"], scored,
                "the explained value is the scored one"
            );
            let contributions = numbers(&one["contributions"], "contribution");
            assert_eq!(contributions.len(), 4);
            assert!(contributions.is_sorted_by(|one, next| one.abs() >= next.abs()));
            let sum = number(one, "intercept")
                + contributions.iter().sum::<f64>()
                + number(&one["other"], "contribution")
                + number(one, "residual");
            assert!(
                (sum - number(one, "value")).abs() <= 1e-9 * number(one, "value").abs(),
                "{name} at {level}: {sum}"
            );
            assert_eq!(
                one["fidelity"]["local_error"],
                number(one, "residual").abs()
            );
            let shares: f64 = numbers(&one["contributions"], "share").iter().sum();
            assert_close(shares + number(&one["other"], "share"), 1.0, "shares");
            for part in one["contributions"].as_array().unwrap() {
                assert_eq!(part["class"].is_null(), level == "period");
                assert_eq!(part["title"].is_null(), level == "period");
                assert_eq!(part["period"].is_null(), level == "class");
                assert_eq!(part["coefficient"], part["contribution"]);
                assert_eq!(part["ci95"], Value::Null);
            }
        }
    }
}

/// The sum over all cells of a class or of a period.
fn of_cells(target: &Value, member: &str, name: &Value, numbers: &str) -> f64 {
    let cells = target["contributions"].as_array().unwrap().iter();
    let cells = cells.filter(|cell| &cell[member] == name);
    cells.map(|cell| number(cell, numbers)).sum()
}

#[tokio::test]
async fn cells_sum_to_classes_and_to_periods() {
    let server = shared_server();
    let cells = explained(&server, example(), options("traits", "cell")).await;
    for level in ["class", "period"] {
        let coarse = explained(&server, example(), options("traits", level)).await;
        for (fine, coarse) in targets(&cells).iter().zip(targets(&coarse)) {
            for part in coarse["contributions"].as_array().unwrap() {
                for numbers in ["contribution", "share"] {
                    let sum = of_cells(fine, level, &part[level], numbers);
                    assert_close(number(part, numbers), sum, level);
                }
            }
            for member in ["intercept", "residual", "value", "base_value"] {
                assert_close(number(coarse, member), number(fine, member), member);
            }
        }
    }
}

/// The tables of the surrogate and one customer's profile, for a computation beside the server's.
struct Recomputed {
    classes: Vec<String>,
    a: Vec<Vec<f64>>,
    b: Vec<Vec<f64>>,
    c: Vec<f64>,
    profile: Vec<Vec<f64>>,
}

impl Recomputed {
    fn of_example(surrogate: &Value) -> Self {
        let encoded = microseg()
            .args(["encode", "examples/history.json"])
            .output()
            .unwrap();
        let encoded: Value = serde_json::from_slice(&encoded.stdout).unwrap();
        // The network's input are 32-bit floats.
        let profile: Vec<Vec<f32>> = serde_json::from_value(encoded["profile"].clone()).unwrap();
        Self {
            classes: serde_json::from_value(surrogate["classes"].clone()).unwrap(),
            a: matrix(&surrogate["A"]),
            b: matrix(&surrogate["B"]),
            c: vector(&surrogate["c"]),
            profile: profile
                .iter()
                .map(|shares| shares.iter().copied().map(f64::from).collect())
                .collect(),
        }
    }

    /// A s + B x + c
    fn step(&self, state: &[f64], shares: &[f64], constant: f64) -> Vec<f64> {
        let rows = self.a.iter().zip(&self.b).zip(&self.c);
        rows.map(|((a, b), c)| dot(a, state) + dot(b, shares) + constant * c)
            .collect()
    }

    /// The surrogate's own state after each period.
    fn states(&self) -> Vec<Vec<f64>> {
        let mut state = vec![0.0; self.c.len()];
        let steps = self.profile.iter().map(|shares| {
            state = self.step(&state, shares, 1.0);
            state.clone()
        });
        steps.collect()
    }

    /// The contribution of one class to the last state: its own shares through A and B alone.
    fn of_class(&self, class: &Value) -> Vec<f64> {
        let column = self.classes.iter().position(|name| name == class).unwrap();
        let alone = self.profile.iter().map(|shares| {
            let mut alone = vec![0.0; shares.len()];
            alone[column] = shares[column];
            alone
        });
        let nothing = vec![0.0; self.c.len()];
        alone.fold(nothing, |state, shares| self.step(&state, &shares, 0.0))
    }
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

#[tokio::test]
async fn contributions_and_fidelity_follow_from_the_tables() {
    let server = shared_server();
    let scoring = server.ask("/v1/score", &example(), 200).await;
    let surrogate = model_table(&server, "/surrogate").await;
    let population = model_table(&server, "").await["population"].clone();
    let recomputed = Recomputed::of_example(&surrogate);
    let (d, e) = (matrix(&surrogate["D"]), vector(&surrogate["e"]));
    let states = recomputed.states();

    for (target, spread, fitted) in [
        ("traits", "outputs", "from_state_fit"),
        ("state", "states", "one_step_fit"),
    ] {
        let explanation = explained(&server, example(), options(target, "class")).await;
        for (index, one) in targets(&explanation).iter().enumerate() {
            let name = one["name"].as_str().unwrap();
            let unit = |row: usize| f64::from(u8::from(row == index));
            let (weights, constant) = match target {
                "traits" => (d[index].clone(), e[index]),
                _ => ((0..states[0].len()).map(unit).collect(), 0.0),
            };
            for part in one["contributions"].as_array().unwrap() {
                let expected = dot(&weights, &recomputed.of_class(&part["class"]));
                assert_close(number(part, "contribution"), expected, name);
            }
            let given: Vec<f64> = states
                .iter()
                .map(|state| constant + dot(&weights, state))
                .collect();
            let reached = number(one, "value") - number(one, "residual");
            assert_close(reached, *given.last().unwrap(), name);

            // f and g after each of the customer's periods, in the population's deviations.
            let steps = scoring["trajectory"].as_array().unwrap();
            let network = steps.iter().map(|step| match target {
                "traits" => number(&step["traits"], name),
                _ => step["state"][index].as_f64().unwrap(),
            });
            let errors = network.zip(&given).map(|(f, g)| (f - g).powi(2));
            let count = f64::from(u32::try_from(steps.len()).unwrap());
            let mean = errors.sum::<f64>() / count;
            let deviation = vector(&population[spread]["deviation"])[index];
            let fidelity = &one["fidelity"];
            let expected = 1.0 - mean / deviation.powi(2);
            assert_close(number(fidelity, "r2_trajectory"), expected, name);
            assert_close(number(fidelity, "rmse"), mean.sqrt(), name);
            let of_table = &surrogate["fidelity"][spread][index];
            assert_eq!(fidelity["r2_holdout"], of_table["free_running"]);
            assert_eq!(fidelity["r2_fit"], of_table[fitted]);
            assert_eq!(fidelity["effective_samples"], Value::Null);
        }
    }
}

#[tokio::test]
async fn seed_changes_nothing_and_the_baseline_is_that_of_lime() {
    let first = Server::start(&["--threads", "1"]);
    let second = Server::start(&["--threads", "2"]);
    let one = reproducible(explained(&first, example(), options("traits", "cell")).await);
    for member in [
        "samples_requested",
        "samples_used",
        "seed",
        "kernel_width",
        "ridge",
    ] {
        assert_eq!(one["method"][member], Value::Null, "{member}");
    }
    let mut seeded = options("traits", "cell");
    seeded["seed"] = 5.into();
    seeded["samples"] = 64.into();
    let mut again = reproducible(explained(&first, example(), seeded).await);
    again["options"] = one["options"].clone();
    assert_eq!(one, again);
    let again = explained(&second, example(), options("traits", "cell")).await;
    assert_eq!(one, reproducible(again));

    let lime = explained(&first, example(), json!({"method": "lime"})).await;
    for (global, local) in targets(&one).iter().zip(targets(&lime)) {
        assert_eq!(global["value"], local["value"]);
        let (global, local) = (number(global, "base_value"), number(local, "base_value"));
        assert!((global - local).abs() < 1e-6, "{global} {local}");
        assert_eq!(lime["targets"][0]["fidelity"]["r2_trajectory"], Value::Null);
    }
}

#[tokio::test]
async fn period_without_spending_contributes_nothing() {
    let server = shared_server();
    let gap = history(&[
        transaction("2015-06-01", -100.0, "restaurants"),
        transaction("2018-06-01", -300.0, "rent"),
    ]);
    let periods = explained(&server, gap.clone(), options("traits", "period")).await;
    for target in targets(&periods) {
        let parts = target["contributions"].as_array().unwrap();
        let mut names: Vec<&str> = parts
            .iter()
            .map(|part| part["period"].as_str().unwrap())
            .collect();
        names.sort_unstable();
        assert_eq!(names, ["2015", "2018"]);
        assert_eq!(
            target["other"],
            json!({"periods": 0, "share": 0.0, "contribution": 0.0})
        );
    }

    // Without the two years between them, the first transaction has another weight.
    let near = history(&[
        transaction("2017-06-01", -100.0, "restaurants"),
        transaction("2018-06-01", -300.0, "rent"),
    ]);
    let classes = explained(&server, gap, options("openness", "class")).await;
    let without_gap = explained(&server, near, options("openness", "class")).await;
    let of_restaurants = |explanation: &Value| {
        let parts = explanation["targets"][0]["contributions"]
            .as_array()
            .unwrap();
        let part = parts.iter().find(|part| part["class"] == "restaurants");
        number(part.unwrap(), "contribution")
    };
    assert_ne!(
        of_restaurants(&classes).to_bits(),
        of_restaurants(&without_gap).to_bits()
    );
}

#[tokio::test]
async fn verdict_compares_both_fidelities_with_the_threshold() {
    let server = shared_server();
    let mut demanding = options("openness", "class");
    demanding["fidelity_target"] = 1.0.into();
    let explanation = explained(&server, example(), demanding).await;
    let quality = &explanation["quality"];
    assert_eq!(quality["verdict"], "low_fidelity");
    let reasons = quality["reasons"].as_array().unwrap();
    assert_eq!(reasons.len(), 2, "{reasons:?}");
    for (reason, part) in reasons
        .iter()
        .zip(["held-out R²", "along this customer's trajectory"])
    {
        let reason = reason.as_str().unwrap();
        assert!(
            reason.starts_with("openness: ") && reason.contains(part),
            "{reason}"
        );
    }
    assert_eq!(
        quality["thresholds"],
        json!({"r2_holdout": 1.0, "r2_trajectory": 1.0, "vsi": 0.8, "csi": null})
    );

    // Spending on one class alone is unlike any customer of the population: there the surrogate is wrong, and only the
    // R² along the trajectory can show it.
    let odd = history(&[transaction("2018-06-01", -300.0, "restaurants")]);
    let mut asked = options("traits", "class");
    asked["fidelity_target"] = 0.5.into();
    let explanation = explained(&server, odd, asked).await;
    assert_eq!(explanation["quality"]["verdict"], "low_fidelity");
    for reason in explanation["quality"]["reasons"].as_array().unwrap() {
        let reason = reason.as_str().unwrap();
        assert!(
            reason.contains("along this customer's trajectory"),
            "{reason}"
        );
    }
}
