//! `GET /v1/models/{name}/surrogate`, `/segments`, `/attractors`, and the segment and attractor of a scoring.

use std::collections::BTreeSet;

use serde_json::Value;

use test_support::command::{ROOT, microseg};
use test_support::histories::example;
use test_support::model_tables::{matrix, model_table, vector};
use test_support::shared_server::shared_server;

fn assert_shape(rows: &Value, expected: (usize, usize)) {
    let rows = matrix(rows);
    assert_eq!(rows.len(), expected.0);
    assert!(rows.iter().all(|row| row.len() == expected.1));
}

#[tokio::test]
async fn tables_have_the_documented_shapes_and_names() {
    let server = shared_server();
    let detail = model_table(&server, "").await;
    let classes = detail["classes"].as_array().unwrap();
    let ids: Vec<&Value> = classes.iter().map(|class| &class["id"]).collect();
    let outputs = detail["outputs"].as_array().unwrap();
    let states = usize::try_from(detail["hidden_size"].as_u64().unwrap()).unwrap();

    let surrogate = model_table(&server, "/surrogate").await;
    assert_eq!(surrogate["model"]["sha256"], detail["sha256"]);
    let columns = surrogate["classes"].as_array().unwrap();
    assert_eq!(columns.iter().collect::<Vec<_>>(), ids);
    let shares = ids
        .iter()
        .map(|id| format!("share.{}", id.as_str().unwrap()));
    assert_eq!(surrogate["inputs"], shares.collect::<Value>());
    assert_eq!(&surrogate["outputs"], &detail["outputs"]);
    assert_shape(&surrogate["A"], (states, states));
    assert_shape(&surrogate["B"], (states, ids.len()));
    assert_shape(&surrogate["D"], (outputs.len(), states));
    assert_eq!(vector(&surrogate["c"]).len(), states);
    assert_eq!(vector(&surrogate["e"]).len(), outputs.len());
    for (rows, count, member) in [
        ("states", states, "free_running"),
        ("states", states, "one_step"),
        ("outputs", outputs.len(), "free_running"),
        ("outputs", outputs.len(), "from_state"),
    ] {
        let fidelity = surrogate["fidelity"][rows].as_array().unwrap();
        assert_eq!(fidelity.len(), count);
        let at_most_one = |row: &Value| row[member].as_f64().unwrap() <= 1.0;
        assert!(fidelity.iter().all(at_most_one), "{rows} {member}");
    }

    let segments = model_table(&server, "/segments").await;
    assert_eq!(&segments["outputs"], &detail["outputs"]);
    assert_eq!(segments["model"]["sha256"], detail["sha256"]);
    let rows = segments["segments"].as_array().unwrap();
    let top = rows
        .iter()
        .filter(|row| !row["id"].as_str().unwrap().contains('.'));
    let shares: f64 = top.map(|row| row["share"].as_f64().unwrap()).sum();
    assert!((shares - 1.0).abs() < 1e-9, "{shares}");
    for row in rows {
        assert_eq!(vector(&row["center"]).len(), states);
        assert_eq!(vector(&row["traits"]).len(), outputs.len());
    }

    let attractors = model_table(&server, "/attractors").await;
    assert_eq!(attractors["model"]["sha256"], detail["sha256"]);
    assert_eq!(&attractors["classes"], &surrogate["classes"]);
    assert_eq!(&attractors["inputs"], &surrogate["inputs"]);
    assert_eq!(&attractors["outputs"], &detail["outputs"]);
    for row in attractors["attractors"].as_array().unwrap() {
        assert_eq!(vector(&row["input"]).len(), ids.len());
        assert_eq!(vector(&row["state"]).len(), states);
        assert_eq!(vector(&row["traits"]).len(), outputs.len());
    }
    for scaled in [&segments, &attractors] {
        assert_eq!(scaled["final_states"], detail["population"]["final_states"]);
    }
}

/// The example and some simulated customers.
fn customers() -> Vec<Value> {
    let simulated = microseg()
        .args(["simulate", "--customers", "30", "--seed", "11"])
        .output()
        .unwrap();
    let text = String::from_utf8(simulated.stdout).unwrap();
    let simulated = text.lines().map(|line| serde_json::from_str(line).unwrap());
    std::iter::once(example()).chain(simulated).collect()
}

/// Distance of a point from a state, in the population's deviations.
fn distance(point: &[f64], state: &[f32], deviations: &[f64]) -> f64 {
    let squares = point.iter().zip(state).zip(deviations);
    squares
        .map(|((point, state), deviation)| ((point - f64::from(*state)) / deviation).powi(2))
        .sum::<f64>()
        .sqrt()
}

/// The row whose member `point` is nearest to a state, its distance, and how much farther the next row is.
fn nearest<'a>(
    rows: &[&'a Value],
    point: &str,
    state: &[f32],
    deviations: &[f64],
) -> (&'a Value, f64, Option<f64>) {
    let mut distances: Vec<(f64, &Value)> = rows
        .iter()
        .map(|row| (distance(&vector(&row[point]), state, deviations), *row))
        .collect();
    distances.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (nearest, row) = distances[0];
    (row, nearest, distances.get(1).map(|next| next.0 - nearest))
}

#[tokio::test]
async fn segment_and_attractor_are_the_nearest_of_the_tables() {
    let server = shared_server();
    let segments = model_table(&server, "/segments").await;
    let attractors = model_table(&server, "/attractors").await;
    let deviations = vector(&segments["final_states"]["deviation"]);
    let all = segments["segments"].as_array().unwrap();
    let id = |row: &Value| row["id"].as_str().unwrap().to_owned();
    let is_leaf = |row: &&Value| {
        let prefix = format!("{}.", id(row));
        !all.iter().any(|other| id(other).starts_with(&prefix))
    };
    let leaves: Vec<&Value> = all.iter().filter(is_leaf).collect();
    let fixed_points: Vec<&Value> = attractors["attractors"]
        .as_array()
        .unwrap()
        .iter()
        .collect();

    let mut seen = BTreeSet::new();
    for history in customers() {
        let scoring = server.ask("/v1/score", &history, 200).await;
        let state: Vec<f32> = serde_json::from_value(scoring["features"]["state"].clone()).unwrap();
        let (leaf, least, margin) = nearest(&leaves, "center", &state, &deviations);
        let segment = &scoring["segment"];
        assert_eq!(segment["id"], leaf["id"]);
        assert!((segment["distance"].as_f64().unwrap() - least).abs() < 1e-9);
        match (segment["margin"].as_f64(), margin) {
            (Some(found), Some(expected)) => assert!((found - expected).abs() < 1e-9),
            (found, expected) => assert_eq!(found, expected),
        }
        // Each step of the path is within the one before it, and has the label of the table.
        let path = segment["path"].as_array().unwrap();
        assert_eq!(path.last().unwrap()["id"], segment["id"]);
        for (depth, step) in path.iter().enumerate() {
            let whole = id(segment);
            let expected: Vec<&str> = whole.split('.').take(depth + 1).collect();
            assert_eq!(step["id"], expected.join("."));
            let row = all.iter().find(|row| row["id"] == step["id"]).unwrap();
            assert_eq!(step["label"], row["label"]);
        }
        assert_eq!(path.len(), id(segment).split('.').count());
        seen.insert(id(segment));

        if fixed_points.is_empty() {
            assert_eq!(scoring["attractor"], Value::Null);
            continue;
        }
        let (attractor, least, _) = nearest(&fixed_points, "state", &state, &deviations);
        assert_eq!(scoring["attractor"]["id"], attractor["id"]);
        assert_eq!(scoring["attractor"]["label"], attractor["label"]);
        let found = scoring["attractor"]["distance"].as_f64().unwrap();
        assert!((found - least).abs() < 1e-6, "{found} {least}");
    }
    assert!(seen.len() > 1 || leaves.len() == 1, "{seen:?}");
}

#[tokio::test]
async fn taxonomy_lists_each_class_with_its_codes() {
    let server = shared_server();
    let taxonomy = server
        .get_json("/v1/models/spending-personality/taxonomy")
        .await;
    let classes = taxonomy["classes"].as_array().unwrap();
    let mut reader =
        csv::Reader::from_path(format!("{ROOT}/models/spending-personality/1/taxonomy.csv"))
            .unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.unwrap()).collect();
    assert_eq!(classes.len(), rows.len());
    for row in rows {
        let class = classes.iter().find(|class| class["id"] == row[0]).unwrap();
        let codes: Vec<&str> = row[3].split_whitespace().collect();
        assert_eq!(class["mcc"], serde_json::json!(codes), "{class}");
        assert_eq!(class["income"], &row[2] == "income");
        assert_eq!(class["title"], &row[1]);
    }
}
