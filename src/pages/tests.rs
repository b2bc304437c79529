//! Pages of documents with hostile names, with many classes and periods, and with members that are missing or new.

use serde_json::{Value, json};

use crate::{
    Course, ExplanationDocuments, Frame, ModelDocuments, explanation_figure, explanation_page,
    model_page,
};

const HOSTILE: &str = "</title><script>alert('1')</script>\"><img src=x onerror=1>";

/// An explanation with one target and so many contributions, each of them 0.01.
fn explanation(name: &str, parts: usize) -> Value {
    let part = |rank: usize| {
        json!({
            "rank": rank + 1, "class": format!("class-{rank}"), "title": format!("{name} {rank}"), "period": null,
            "share": 0.02, "coefficient": 0.01, "contribution": 0.01, "ci95": [0.005, 0.015],
        })
    };
    let parts: Vec<Value> = (0..parts).map(part).collect();
    let value = 0.25 + 0.01 * crate::numbers::float(parts.len()) - 0.125 + 0.064;
    json!({
        "id": "01a22ca7-99e2-77f1-b7ac-dedbcaa3ee67", "created_at": "2026-11-30T13:31:51.162Z", "schema_version": "1",
        "customer_id": name, "request_id": name, "a_new_member": [name],
        "model": {"name": name, "version": "1", "sha256": "aa"},
        "runtime": {"service": "microseg 0.1.0", "device": name},
        "input": {"sha256": "bb", "transactions": 5, "window": {"from": "2015", "to": "2021"}},
        "options": {"method": "lime", "seed": null, "target": name},
        "method": {"name": "lime", "level": "class", "samples_used": 64, "seed": 7},
        "baseline": {"kind": "absence", "description": "none"},
        "quality": {"verdict": "low_fidelity", "reasons": [name], "thresholds": {"r2_holdout": 0.9, "vsi": null}},
        "targets": [{
            "name": name, "value": value, "base_value": 0.5, "intercept": 0.25, "residual": 0.064,
            "contributions": parts, "other": {"classes": 3, "share": 0.3, "contribution": -0.125},
            "fidelity": {"r2_fit": 0.99, "r2_holdout": -4.5, "r2_trajectory": null, "rmse": 0.1, "local_error": 0.1},
            "stability": {"csi": 1.0, "vsi": null, "repeats": 0},
            "reasons": [{"code": "R1", "text": name, "sign": "+"}],
        }],
        "record_sha256": "cc", "document_sha256": "dd", "previous_sha256": "ee",
    })
}

/// A course over so many periods, with so many classes of spending, among four segments in three dimensions.
fn course(name: &str, periods: usize, classes: usize) -> Course {
    let float = crate::numbers::float;
    let trajectory: Vec<Value> = (0..periods)
        .map(|index| {
            let part = float(index) / float(periods);
            json!({"period": format!("p{index}"), "state": [part, part * part, -part], "traits": {name: part}})
        })
        .collect();
    let totals: Vec<Value> = (0..periods)
        .map(|period| {
            let amount = |class: usize| (format!("class-{class}"), json!(float(class * 10 + period)));
            json!({"spending": 1.0, "transactions": 1, "classes": Value::Object((0..classes).map(amount).collect())})
        })
        .collect();
    let center = |id: &str, center: [f64; 3]| json!({"id": id, "label": name, "share": 0.25, "center": center, "traits": [0.5]});
    let spread = json!({"mean": [0.0, 0.0, 0.0], "deviation": [1.0, 1.0, 1.0]});
    Course {
        scoring: json!({
            "trajectory": trajectory, "attractor": {"id": "a1", "label": name, "distance": 1.0},
            "segment": {"id": "1.1", "distance": 1.0, "margin": 0.1, "path": [{"id": "1", "label": name}]},
        }),
        totals: Some(json!({"from": "2015", "periods": totals})),
        model: json!({
            "name": name, "version": "1", "sha256": "aa", "period": "year", "hidden_size": 3, "outputs": [name],
            "classes": [{"id": "class-1", "title": name}],
            "population": {"customers": 9, "outputs": {"mean": [0.5], "deviation": [0.2]}},
            "provenance": {name: name},
        }),
        segments: json!({
            "outputs": [name], "final_states": spread, "stability": 0.9, "comparison": [],
            "segments": [
                {"id": "1", "label": name, "share": 0.5, "center": [9.0, 9.0, 9.0], "traits": [0.9]},
                center("1.1", [2.0, 0.0, 0.0]), center("1.2", [-2.0, 0.0, 0.0]),
                center("2", [0.0, 1.0, 0.0]), center("3", [0.0, -1.0, 0.0]),
            ],
        }),
        attractors: json!({
            "outputs": [name],
            "attractors": [{"id": "a1", "label": name, "basin": 0.5, "state": [1.0, 0.0, 0.0], "traits": [0.1]}],
        }),
    }
}

fn page(explanation: &Value, course: Option<&Course>, frame: &Frame<'_>) -> String {
    let documents = ExplanationDocuments {
        explanation,
        course,
        course_note: None,
        history: None,
    };
    explanation_page(&documents, frame).unwrap()
}

const SERVER: Frame<'static> = Frame::Server {
    signed_in: Some(HOSTILE),
    here: "/",
};

#[test]
fn columns_of_the_surrogate_are_classes_or_else_inputs_by_their_names() {
    let course = course("name", 6, 5);
    let shown = |columns: Value| {
        let mut surrogate = json!({
            "outputs": ["trait"], "B": [[0.5, 0.25]], "D": [[2.0]],
            "fidelity": {"outputs": [{"free_running": 0.9}], "states": [{"one_step": 0.9}]},
        });
        let members = columns.as_object().unwrap().clone();
        surrogate.as_object_mut().unwrap().extend(members);
        let model = ModelDocuments {
            model: course.model.clone(),
            segments: course.segments.clone(),
            attractors: course.attractors.clone(),
            surrogate: Some(surrogate),
        };
        model_page(&model, &SERVER).unwrap()
    };
    let of_shares =
        json!({"classes": ["class-1", "rent"], "inputs": ["share.class-1", "share.rent"]});
    let of_shares = shown(of_shares);
    assert!(of_shares.contains("What a class does"));
    assert!(of_shares.contains("rent on trait: "));
    let of_events = shown(json!({"inputs": ["amount", "class=1"]}));
    assert!(of_events.contains("What an input does"));
    assert!(of_events.contains("amount on trait: ") && of_events.contains("class=1 on trait: "));
}

#[test]
fn hostile_names_are_text_on_every_page_and_in_every_figure() {
    let (explanation, course) = (explanation(HOSTILE, 3), course(HOSTILE, 6, 5));
    let model = ModelDocuments {
        model: course.model.clone(),
        segments: course.segments.clone(),
        attractors: course.attractors.clone(),
        surrogate: Some(json!({
            "classes": [HOSTILE], "outputs": [HOSTILE], "B": [[0.5], [0.25]], "D": [[2.0, -4.0]],
            "fidelity": {"outputs": [{"free_running": 0.9}], "states": [{"one_step": 0.9}, {}]},
        })),
    };
    let mut pages = vec![
        page(&explanation, Some(&course), &SERVER),
        page(&explanation, Some(&course), &Frame::File),
        model_page(&model, &SERVER).unwrap(),
    ];
    let documents = ExplanationDocuments {
        explanation: &explanation,
        course: Some(&course),
        course_note: None,
        history: None,
    };
    for id in ["cause-0", "trajectory", "outputs", "spending", "fidelity"] {
        pages.push(explanation_figure(&documents, Some(id)).unwrap().unwrap());
    }
    for explanation in [change(HOSTILE), recourse(HOSTILE), with_pairs(HOSTILE)] {
        pages.push(page(&explanation, None, &SERVER));
    }
    for page in pages {
        assert!(page.contains("&lt;script&gt;"), "{page}");
        assert!(
            !page.contains("<script") && !page.contains("<img"),
            "{page}"
        );
        assert!(!page.contains(HOSTILE));
        assert!(page.contains("&lt;script&gt;"));
    }
}

#[test]
fn waterfall_names_each_part_and_its_sum_is_the_value() {
    let text = page(&explanation("a", 10), None, &SERVER);
    assert_eq!(
        text.matches("(2 % of the spending): +0.010, 95 % interval +0.0050 to +0.015</title>")
            .count(),
        10
    );
    assert!(text.contains("<title>3 other classes (30 % of the spending): −0.125</title>"));
    assert!(text.contains("<title>what the surrogate misses: +0.064</title>"));
    assert!(text.contains("<title>the network&#39;s number: 0.289</title>"));
}

/// The same of what changed since a year.
fn change(name: &str) -> Value {
    let mut change = explanation(name, 2);
    change["method"] = json!({
        "name": "change", "level": "class", "samples_used": 511, "seed": 7,
        "since": {"from": "2019-01-01T00:00:00Z", "period": name},
    });
    let target = &mut change["targets"][0];
    target["unassigned"] = json!(-0.25);
    target["base_value"] = json!(0.5);
    change
}

#[test]
fn waterfall_of_a_change_goes_from_the_number_of_then_over_what_belongs_to_no_part() {
    let text = page(&change("2019"), None, &SERVER);
    assert!(text.contains("What changed 2019 since 2019"));
    assert!(text.contains("<title>before 2019: 0.500</title>"));
    assert!(text.contains("<title>going on as before: −0.250</title>"));
    assert!(text.contains("<title>3 other classes (30 % of the spending): −0.125</title>"));
    assert!(text.contains("<title>the network&#39;s number now: 0.209</title>"));
    assert!(text.contains("What changed the numbers") && text.contains("What changed most?"));
    // Compared with the center of the micro-segment, there is no moment.
    let mut of_center = change("2019");
    of_center["method"].as_object_mut().unwrap().remove("since");
    let text = page(&of_center, None, &SERVER);
    assert!(text.contains("<title>the center: 0.500</title>"));
    assert!(text.contains("<title>apart from the parts: −0.250</title>"));
}

#[test]
fn number_of_the_population_begins_its_waterfall_where_it_is_the_start() {
    let mut of_population = explanation("a", 2);
    of_population["baseline"]["kind"] = json!("population");
    of_population["targets"][0]["base_value"] = json!(0.25);
    let text = page(&of_population, None, &SERVER);
    assert!(text.contains("<title>what the population would get: 0.250</title>"));
    of_population["targets"][0]["base_value"] = json!(0.26);
    let text = page(&of_population, None, &SERVER);
    assert!(text.contains("<title>start: the surrogate without these: 0.250</title>"));
}

/// An explanation whose target has pairs.
fn with_pairs(name: &str) -> Value {
    let mut explanation = explanation(name, 2);
    let part = |title: &str| json!({"class": title, "title": title});
    let target = &mut explanation["targets"][0];
    target["fidelity"]["additivity_r2"] = json!(0.849);
    target["fidelity"]["relative_standard_error"] = json!(0.0);
    target["fidelity"]["exact"] = json!(true);
    target["contributions"][0]["main_effect"] = json!(0.002);
    target["interactions"] = json!({
        "r2": 0.9997,
        "pairs": [
            {"rank": 1, "parts": [part(name), part("Travel")], "interaction": -0.348},
            {"rank": 2, "parts": [{"period": "2019"}, {"field": "balance"}], "interaction": 0.125},
        ],
        "other": {"pairs": 8, "interaction": 0.051},
    });
    explanation
}

#[test]
fn pairs_are_bars_of_their_own_and_the_waterfall_stays_as_it_is() {
    let text = page(&with_pairs("Rent"), None, &SERVER);
    assert!(text.contains("<title>Rent with Travel: −0.348</title>"));
    assert!(text.contains("<title>2019 with balance: +0.125</title>"));
    assert!(text.contains("<title>8 other pairs: +0.051</title>"));
    assert!(text.contains(
        "explain 85 % of how the network&#39;s number varies, with pairs it is more than 99 %"
    ));
    assert!(
        text.contains("<td>+0.0020</td>"),
        "the main effect is in the table"
    );
    assert_eq!(
        text.matches("<title>what the surrogate misses: +0.064</title>")
            .count(),
        1
    );
    assert!(
        text.contains("id=\"figure-pairs-0\"") && text.contains("How well the values are known")
    );
    assert!(text.contains("so the values are exact"));
    let without = page(&explanation("Rent", 2), None, &SERVER);
    assert!(!without.contains("figure-pairs") && !without.contains("without its pairs"));
}

/// A recourse with one alternative.
fn recourse(name: &str) -> Value {
    let mut recourse = explanation(name, 0);
    recourse["targets"] = json!([]);
    recourse["quality"] = json!({"verdict": "ok", "reasons": [], "thresholds": {}});
    recourse["options"] = json!({"method": "recourse", "target": name, "wish": {"segment": "any"}});
    recourse["recourse"] = json!({
        "status": "found", "period": "2020", "spending": 14832.81, "segment": "1.2", "robustness": 0.0274,
        "alternatives": [{
            "rank": 1, "moved_share": 0.0274, "moved_amount": 405.82, "segment": "3.1",
            "changes": [
                {"class": "a", "title": "Home insurance", "amount": 252.92, "new_amount": 0.0, "share": 0.0171, "new_share": 0.0},
                {"class": "b", "title": name, "amount": 4627.2, "new_amount": 4474.3, "share": 0.312, "new_share": 0.3016},
                {"class": "c", "title": "Casinos", "amount": 0.0, "new_amount": 405.82, "share": 0.0, "new_share": 0.0274},
            ],
        }],
        "evaluations": 1741,
    });
    recourse
}

#[test]
fn recourse_says_what_moves_where_it_leads_and_how_firm_the_segment_is() {
    let text = page(&recourse("Mortgage"), None, &SERVER);
    assert!(text.contains("Each of these changes leads to another micro-segment than 1.2."));
    assert!(text.contains("1. Move 2.7 % of the spending of 2020"));
    assert!(text.contains("<title>Home insurance 1.7 % → 0 %: to Casinos 0 % → 2.7 %</title>"));
    assert!(text.contains("<title>Mortgage 31.2 % → 30.2 %: to Casinos 0 % → 2.7 %</title>"));
    assert!(text.contains("micro-segment 1.2 → 3.1"));
    assert!(
        text.contains(
            "It takes 2.7 % of the spending of 2020 to leave micro-segment 1.2. So little"
        )
    );
    assert!(
        text.contains("406 of 14\u{202f}833 goes from Home insurance and Mortgage to Casinos;"),
        "{text}"
    );
    assert_eq!(text.matches("class=\"flow\"").count(), 2);
    assert!(!text.contains("figure-fidelity"), "nothing is fitted");
    assert!(text.contains("chart.svg?figure=recourse-0"));

    let mut of_number = recourse("openness");
    of_number["options"]["wish"] = json!({"above": 0.5, "below": 0.6});
    of_number["recourse"]["value"] = json!(0.41);
    of_number["recourse"]["alternatives"][0]["value"] = json!(0.5003);
    of_number["recourse"]
        .as_object_mut()
        .unwrap()
        .remove("robustness");
    let text = page(&of_number, None, &SERVER);
    assert!(text.contains("leads to openness between 0.500 and 0.600."));
    assert!(text.contains("openness 0.410 → 0.500") && !text.contains("How firm"));

    let mut none = recourse("a");
    none["recourse"]["alternatives"] = json!([]);
    none["recourse"]["robustness"] = json!(null);
    for (status, words) in [
        (
            "not_found",
            "No change that leads to another micro-segment than 1.2 was found.",
        ),
        ("fulfilled", "Nothing has to change"),
        ("something_new", "Status: something_new."),
    ] {
        none["recourse"]["status"] = json!(status);
        let text = page(&none, None, &Frame::File);
        assert!(
            text.contains(words) && text.contains("There is nothing to draw."),
            "{status}"
        );
    }
}

#[test]
fn part_that_was_hardly_tested_and_the_verdict_on_each_target_are_told() {
    let mut noted = explanation("a", 2);
    let mut target = noted["targets"][0].clone();
    target["quality"] = json!({"verdict": "nothing_to_explain", "causes": []});
    target["notes"] = json!([
        {"reason": "large_part", "part": {"class": "rent", "title": "Rent"}, "without": 0.41, "adds": 0.09},
        {"reason": "rarely_removed", "part": {}, "without": null, "adds": null},
    ]);
    noted["targets"] = json!([target, target]);
    noted["quality"]["verdict"] = json!("borderline");
    let text = page(&noted, None, &SERVER);
    assert!(text.contains("The network&#39;s own number without it is 0.410: it adds +0.090."));
    assert!(text.contains("All parts without a name: the surrogate was hardly tested without it."));
    assert_eq!(
        text.matches("<span class=\"pill plain\">nothing to explain</span>")
            .count(),
        2
    );
    assert!(text.contains("at the edge of what can be relied on"));
}

#[test]
fn plane_of_centers_that_lie_in_it_shows_all_of_their_variance() {
    let text = page(&explanation("a", 1), Some(&course("a", 4, 2)), &SERVER);
    assert!(
        text.contains("this plane shows 100 % of the variance"),
        "{text}"
    );
    assert!(
        !text.contains("micro-segment 1: a"),
        "a group that has parts is no cloud"
    );
}

#[test]
fn forty_classes_and_two_hundred_periods_are_legible() {
    let text = page(&explanation("a", 40), Some(&course("a", 200, 40)), &SERVER);
    // The classes with the most spending, and the others in one row that says how many they are.
    assert!(text.contains("24 other classes"));
    assert!(text.len() < 2_500_000, "{}", text.len());
    let spending = text.split("id=\"figure-spending\"").nth(1).unwrap();
    let drawing = spending.split("<svg").nth(1).unwrap();
    let drawing = drawing.split("</svg>").next().unwrap();
    assert!(
        !drawing.contains("tabindex"),
        "no one tabs through thousands of cells"
    );
}

#[test]
fn page_without_parts_measures_or_a_record_is_made_all_the_same() {
    let mut bare = explanation("a", 0);
    let members = bare.as_object_mut().unwrap();
    for name in [
        "record_sha256",
        "document_sha256",
        "previous_sha256",
        "customer_id",
        "request_id",
        "runtime",
    ] {
        members.remove(name);
    }
    bare["quality"] = json!({"verdict": "something_new"});
    bare["targets"][0]["fidelity"] = json!({});
    bare["targets"][0]["stability"] = json!({});
    bare["targets"][0]["other"] = json!({"classes": 0, "share": 0.0, "contribution": 0.0});
    let text = page(&bare, None, &Frame::File);
    assert!(text.contains("Verdict: something_new."));
    assert!(text.contains("No held-out R² could be measured."));
    assert!(!text.contains("chart.svg") && !text.contains("other classes"));
    assert!(text.contains("<style>") && !text.contains("<link"));
    bare["targets"] = json!([]);
    assert!(page(&bare, None, &SERVER).contains("Nothing stands out."));
}

/// A scoring in one of the segments of [`course`], which are at 2 and -2 of the first dimension.
fn scored(customer: &str, states: &[f64], segment: &str) -> Value {
    let step = |(index, state): (usize, &f64)| json!({"period": format!("{}", 2018 + index), "state": [state, 0.0, 0.0], "traits": {"a": 0.5}});
    let trajectory: Vec<Value> = states.iter().enumerate().map(step).collect();
    json!({
        "customer_id": customer, "trajectory": trajectory, "attractor": null,
        "segment": {"id": segment, "distance": 1.0, "margin": null},
    })
}

#[test]
fn run_over_customers_is_counted_by_segment_and_by_period_and_beside_another_run() {
    let course = course("a", 1, 1);
    let tally = |lines: &[Value]| {
        let mut tally = crate::Tally::new(&course.model, &course.segments).unwrap();
        for line in lines {
            tally.add(line).unwrap();
        }
        tally
    };
    let run = tally(&[
        scored("c-1", &[2.0, 2.0, -2.0], "1.2"),
        scored("c-2", &[2.0, -2.0], "1.2"),
        scored("c-3", &[1.9, 2.1], "1.1"),
        json!({"type": "about:blank", "title": "The history is not valid", "status": 422}),
    ]);
    let other = tally(&[
        scored("c-1", &[2.0], "1.1"),
        scored("c-2", &[-2.0], "1.2"),
        scored("c-9", &[2.0], "1.1"),
    ]);
    let file = &Frame::File;
    let text = crate::population_page(("one", &run), Some(("other", &other)), file).unwrap();
    assert!(text.contains("3 customers scored, 1 refused; beside other with 3"));
    assert!(text.contains("<title>1.2 a: 66.7 % of the customers, in the model&#39;s population 25.0 %, in the other run 33.3 %</title>"));
    assert!(text.contains("<title>2018 → 2019: 1.1 → 1.1: 2 customers (66.7 %)</title>"));
    assert!(text.contains("<title>2018 → 2019: 1.1 → 1.2: 1 customers (33.3 %)</title>"));
    assert!(text.contains("<title>2019 → 2020: 1.1 → 1.2: 1 customers"));
    assert!(text.contains("<title>one → other: 1.2 → 1.1: 1 customers (50.0 %)</title>"));
    assert!(
        text.contains("2 customers are in both; 50.0 % of them are in the same micro-segment.")
    );
    assert!(text.contains("100 % of the customers changed the micro-segment from 2019 to 2020."));
    let alone = crate::population_page(("one", &run), None, file).unwrap();
    assert!(!alone.contains("figure-runs") && !alone.contains("other run"));
    // Of nobody there is a page, too.
    crate::population_page(("none", &tally(&[])), None, file).unwrap();
    let mut tally = tally(&[]);
    assert!(tally.add(&scored("c-1", &[0.0], "9")).is_err());
    assert!(tally.add(&json!({"trajectory": 1})).is_err());
    let hostile = crate::population_page((HOSTILE, &run), Some((HOSTILE, &other)), file).unwrap();
    assert!(!hostile.contains("<script") && !hostile.contains("<img"));
}

#[test]
fn document_that_is_none_is_an_error() {
    let documents = ExplanationDocuments {
        explanation: &json!({"id": 1}),
        course: None,
        course_note: None,
        history: None,
    };
    assert!(explanation_page(&documents, &SERVER).is_err());
}
