//! `microseg audit`, as an auditor runs it.

use std::process::{Command, Output};

use serde_json::Value;

use crate::records::{Place, draft, member, on_each_database};

fn audit(place: &Place, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_microseg"));
    command.args(["audit", "--store", &place.url()]);
    command.args(arguments).output().unwrap()
}

fn expect(output: &Output, code: i32, text: &str) {
    let said = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(said, text, "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code));
}

async fn a_chain_is_judged_in_a_line(place: Place) {
    let store = place.open().await;
    expect(
        &audit(&place, &[]),
        0,
        "the chain is whole: it has no entries yet\n",
    );
    let mut head = String::new();
    for _ in 0..3 {
        let draft = draft("c");
        let id = draft.id;
        let record = store.append(draft).await.unwrap();
        head = member(&record, "record_sha256");
        if member(&record, "previous_sha256").starts_with("0000") {
            store.erase(id).await.unwrap();
        }
    }
    let whole = format!(
        "the chain is whole: 4 entries (3 explanations, 1 of them erased, 1 erasure); the last record is {head}"
    );
    // The store is open all the while.
    expect(&audit(&place, &[]), 0, &format!("{whole}\n"));
    expect(
        &audit(&place, &["--anchor", &head.to_uppercase()]),
        0,
        &format!("{whole}; the anchor is entry 4\n"),
    );
    expect(
        &audit(&place, &["--anchor", &"0".repeat(64)]),
        1,
        "the anchor is not in the chain: its end was cut off, or all of it was written anew\n",
    );
    assert_eq!(audit(&place, &["--anchor", "0"]).status.code(), Some(2));

    let output = audit(&place, &["--json"]);
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&found["whole"], &found["head"]),
        (&true.into(), &head.into())
    );
    assert_eq!(found["broken"], Value::Null);

    place
        .execute("DELETE FROM contents WHERE sequence = 3")
        .await;
    expect(
        &audit(&place, &[]),
        1,
        "broken at entry 3: the document is missing, and no later erasure lists it\n",
    );
    let output = audit(&place, &["--json"]);
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(found["broken"]["sequence"], 3);
}

#[test]
fn a_database_that_is_missing_stays_missing() {
    let place = Place::sqlite();
    let output = audit(&place, &[]);
    assert_eq!(output.status.code(), Some(2), "no verdict");
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("there is no database"), "{text}");
    assert_eq!(std::fs::read_dir(place.folder()).unwrap().count(), 0);
}

on_each_database! {
    a_chain_is_judged_in_a_line,
}
