//! `microseg explain` with tables: the explanations of the same customers as histories.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};
use tempfile::tempdir;

use test_support::command::{
    assert_failure, documents, errors, lines, microseg, output_with_input, succeeded,
};
use test_support::described_model::DescribedModel;
use test_support::tables::{Row, csv, histories, rows, write, write_parquet};

/// How many customers are explained.
const EXPLAINED: usize = 4;

/// Where the window of the simulated histories ends.
const AS_OF: [&str; 2] = ["--as-of", "2021-01-01T00:00:00Z"];

fn explain(files: &[&Path], flags: &[&str]) -> Output {
    let mut command = microseg();
    command.arg("explain").args(files).args(flags);
    command.output().unwrap()
}

/// What is the same every time in explanations.
fn lasting(explanations: &[Value]) -> Vec<Value> {
    let lasting = |one: &Value| {
        let members = [
            "customer_id",
            "input",
            "options",
            "method",
            "baseline",
            "targets",
            "quality",
        ];
        members
            .map(|member| one[member].clone())
            .into_iter()
            .collect()
    };
    explanations.iter().map(lasting).collect()
}

/// The first customers, as lines and as rows.
fn first_customers() -> (String, Vec<Row>) {
    let histories: Vec<&str> = histories().lines().take(EXPLAINED).collect();
    let groups = rows().chunk_by(|one, other| one.customer == other.customer);
    let rows = groups.take(EXPLAINED).flatten().cloned().collect();
    (histories.join("\n"), rows)
}

#[test]
fn tables_give_the_explanations_of_the_same_histories() {
    let (ndjson, rows) = first_customers();
    let folder = tempdir().unwrap();
    let flags = ["--target", "openness", "--level", "period"];
    let of_lines = write(folder.path(), "a.ndjson", ndjson);
    let expected = documents(&succeeded(&explain(&[&of_lines], &flags)));
    assert_eq!(expected.len(), EXPLAINED);
    assert_eq!(expected[0]["method"]["level"], "period");
    let expected = lasting(&expected);

    let text = write(folder.path(), "a.csv", csv(&rows));
    let parquet = folder.path().join("a.parquet");
    write_parquet(&parquet, &rows, 50);
    let flags = [&flags[..], &AS_OF].concat();
    for table in [&text, &parquet] {
        let found = explain(&[table], &flags);
        assert_eq!(
            lasting(&documents(&succeeded(&found))),
            expected,
            "{table:?}"
        );
    }
    let mut piped = microseg();
    piped.args(["explain", "-", "--format", "csv"]).args(&flags);
    let piped = output_with_input(&mut piped, &csv(&rows));
    assert_eq!(lasting(&documents(&succeeded(&piped))), expected);

    // Files of both kinds, in their order; a customer is in one table only.
    let both = explain(&[&of_lines, &text], &flags);
    let both = lasting(&documents(&succeeded(&both)));
    assert_eq!(both, [&expected[..], &expected].concat());
    let twice = explain(&[&text, &parquet], &flags);
    assert_failure(&twice, "customer_id");
}

#[test]
fn options_of_a_flag_are_those_of_histories_without_their_own() {
    let (ndjson, rows) = first_customers();
    let folder = tempdir().unwrap();
    let options = json!({"method": "lime", "target": "openness", "seed": 7, "top": 2});
    let flag = ["--options", &options.to_string()];
    let with_own = ndjson.lines().map(|line| {
        let mut history: Value = serde_json::from_str(line).unwrap();
        history["explain"] = options.clone();
        history.to_string()
    });
    let with_own = with_own.collect::<Vec<_>>().join("\n");
    let with_own = write(folder.path(), "own.ndjson", with_own);
    let expected = lasting(&documents(&succeeded(&explain(&[&with_own], &[]))));
    assert_eq!(expected[0][3]["seed"], 7);
    let without = write(folder.path(), "without.ndjson", ndjson);
    let found = explain(&[&without], &flag);
    assert_eq!(lasting(&documents(&succeeded(&found))), expected);
    let table = write(folder.path(), "a.csv", csv(&rows));
    let found = explain(&[&table], &[&flag[..], &AS_OF].concat());
    assert_eq!(lasting(&documents(&succeeded(&found))), expected);
    // A history's own options win.
    let other = ["--options", r#"{"method": "sensitivity"}"#];
    let found = explain(&[&with_own], &other);
    assert_eq!(lasting(&documents(&succeeded(&found))), expected);
    for wrong in ["{", r#"{"method": "tea"}"#, r#"{"surprise": 1}"#] {
        let refused = explain(&[&table], &["--options", wrong]);
        assert_eq!(refused.status.code(), Some(2), "{wrong}");
        assert!(
            errors(&refused).contains("--options"),
            "{}",
            errors(&refused)
        );
    }
}

#[test]
fn bad_customer_of_a_table_becomes_a_problem_with_its_name() {
    let folder = tempdir().unwrap();
    let header = "who,timestamp,amount,class\n";
    let table = format!(
        "{header}a,2020-01-01,-1,rent\na,2020-01-02,-2,groceries\nb,yesterday,-1,rent\nc,2020-02-01,-3,rent\n"
    );
    let table = write(folder.path(), "a.csv", table);
    let output = explain(&[&table], &["--customer-column", "who"]);
    assert_eq!(output.status.code(), Some(1));
    let answers = documents(&lines(&output));
    assert_eq!(answers.len(), 3);
    assert_eq!(answers[0]["customer_id"], "a");
    assert_eq!(answers[1]["customer_id"], "b");
    let detail = answers[1]["detail"].as_str().unwrap();
    assert!(detail.starts_with("line 4: the timestamp: "), "{detail}");
    assert_eq!(answers[2]["quality"]["verdict"], "nothing_to_explain");
    assert!(errors(&output).contains("line 4: the timestamp"));

    // A fault of the options is the problem of each customer; no name of a customer is in messages.
    let since = r#"{"method": "change", "since": "1999-01-01"}"#;
    let output = explain(&[&table], &["--customer-column", "who", "--options", since]);
    assert_eq!(output.status.code(), Some(1));
    let answers = documents(&lines(&output));
    assert_eq!(answers[0]["customer_id"], "a");
    assert_eq!(answers[0]["errors"][0]["pointer"], "/explain/since");
    assert!(
        errors(&output).contains("a.csv: customer 1: "),
        "{}",
        errors(&output)
    );
}

#[test]
fn flags_of_tables_are_refused_without_a_table() {
    let output = explain(&[Path::new("examples/history.json")], &AS_OF);
    assert_failure(&output, "--as-of is for tables");
}

#[test]
fn rows_with_ids_and_declared_fields_are_explained_event_by_event() {
    let folder = tempdir().unwrap();
    let model = DescribedModel::build(&folder.path().join("model"), "event-lstm-2", |_| {});
    let models = model.models().display().to_string();
    let mut table = "customer_id,id,timestamp,amount,class,mcc,channel,balance\n".to_owned();
    let mut transactions = Vec::new();
    for day in 1..=9 {
        let (amount, channel) = (
            -1.5 * f64::from(day),
            if day % 2 == 0 { "web" } else { "card" },
        );
        let timestamp = format!("2021-03-{day:02}");
        writeln!(
            table,
            "c-1,t-{day},{timestamp},{amount},groceries,5411,{channel},{day}.5"
        )
        .unwrap();
        transactions.push(json!({
            "id": format!("t-{day}"), "timestamp": timestamp, "amount": amount, "class": "groceries",
            "channel": channel, "balance": f64::from(day) + 0.5, "mcc": 5411,
        }));
    }
    let history = json!({"customer_id": "c-1", "transactions": transactions});
    let history = write(folder.path(), "a.json", history.to_string());
    let table = write(folder.path(), "a.csv", table);
    for level in ["event", "class", "field"] {
        let flags = ["--models", &models, "--level", level];
        let expected = documents(&succeeded(&explain(&[&history], &flags)));
        let found = documents(&succeeded(&explain(&[&table], &flags)));
        assert_eq!(lasting(&found), lasting(&expected), "{level}");
        if level == "event" {
            let first = &found[0]["targets"][0]["contributions"][0]["event"]["id"];
            assert!(first.as_str().unwrap().starts_with("t-"), "{first}");
        }
    }
}
