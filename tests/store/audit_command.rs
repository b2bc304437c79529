//! Tests of the command `microseg audit`.

use std::process::{Command, Output};

use serde_json::Value;

use crate::support::{TestDatabase, member, new_record, on_each_database};

fn audit(database: &TestDatabase, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_microseg"));
    command.args(["audit", "--store", &database.url()]);
    command.args(arguments).output().unwrap()
}

fn expect(output: &Output, code: i32, text: &str) {
    let stdout = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(stdout, text, "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code));
}

async fn whole_and_broken_chains_are_reported_in_a_line(database: TestDatabase) {
    let store = database.open().await;
    expect(
        &audit(&database, &[]),
        0,
        "the chain is whole: it has no entries yet\n",
    );
    let mut head = String::new();
    for _ in 0..3 {
        let record = new_record("c");
        let id = record.id;
        let record = store.append(record).await.unwrap();
        head = member(&record, "record_sha256");
        if member(&record, "previous_sha256").starts_with("0000") {
            store.erase(id).await.unwrap();
        }
    }
    let whole = format!(
        "the chain is whole: 4 entries (3 explanations, 1 of them erased, 1 erasure); the last record is {head}"
    );
    // The store is still open.
    expect(&audit(&database, &[]), 0, &format!("{whole}\n"));
    expect(
        &audit(&database, &["--anchor", &head.to_uppercase()]),
        0,
        &format!("{whole}; the anchor is entry 4\n"),
    );
    expect(
        &audit(&database, &["--anchor", &"0".repeat(64)]),
        1,
        "the anchor is not in the chain: its end was cut off, or all of it was written anew\n",
    );
    assert_eq!(audit(&database, &["--anchor", "0"]).status.code(), Some(2));

    let output = audit(&database, &["--json"]);
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&found["whole"], &found["head"]),
        (&true.into(), &head.into())
    );
    assert_eq!(found["broken"], Value::Null);

    database
        .execute("DELETE FROM contents WHERE sequence = 3")
        .await;
    expect(
        &audit(&database, &[]),
        1,
        "broken at entry 3: the document is missing, and no later erasure lists it\n",
    );
    let output = audit(&database, &["--json"]);
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(found["broken"]["sequence"], 3);
}

#[test]
fn missing_database_is_reported_and_not_created() {
    let database = TestDatabase::sqlite();
    let output = audit(&database, &[]);
    assert_eq!(output.status.code(), Some(2), "no verdict");
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("there is no database"), "{text}");
    assert_eq!(std::fs::read_dir(database.folder()).unwrap().count(), 0);
}

on_each_database! {
    whole_and_broken_chains_are_reported_in_a_line,
}
