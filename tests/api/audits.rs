//! The command `microseg audit`, the setting `--keep-input`, and stores that cannot be opened.

use serde_json::{Value, json};

use test_support::client::problem;
use test_support::command::{assert_failure, errors, serve};
use test_support::explanations::explain;
use test_support::histories::{
    example, history, small_history, transaction, with_customer, with_options,
};
use test_support::on_each_database;
use test_support::server::sqlite_in;
use test_support::store::TestStore;

/// Exit code and standard output of an audit.
fn audit_of(stored: &TestStore) -> (Option<i32>, String) {
    let output = stored.audit(&[]);
    (
        output.status.code(),
        String::from_utf8(output.stdout).unwrap(),
    )
}

async fn chain_is_whole_after_erasures_with_and_without_a_server(stored: TestStore) {
    let missing = stored.audit(&[]);
    // Exit code 2: the chain is neither whole nor broken.
    assert_eq!(missing.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("records"));

    let server = stored.start(&[]);
    assert_eq!(stored.whole_audit()["entries"], 0);
    let mut given = Vec::new();
    for number in 0..6 {
        let customer_id = ["one", "other"][number % 2];
        given.push(explain(&server, &with_customer(customer_id, small_history())).await);
    }
    let before = stored.whole_audit();
    assert_eq!(
        [&before["entries"], &before["explanations"]],
        [6, 6],
        "{before}"
    );
    assert_eq!(before["head"], given[5].document["record_sha256"]);

    for path in [
        format!("/v1/explanations/{}", given[3].id),
        "/v1/customers/one".to_owned(),
    ] {
        assert!(server.delete(&path).await.status().is_success());
        stored.whole_audit();
    }
    explain(&server, &small_history()).await;
    server.kill();
    let after = stored.whole_audit();
    assert_eq!(
        ["entries", "explanations", "erased", "erasures"].map(|member| &after[member]),
        [9, 7, 4, 2]
    );
    let (code, text) = audit_of(&stored);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("whole: 9 entries"), "{text}");
}

async fn changed_byte_is_found_with_its_entry(stored: TestStore) {
    let server = stored.start(&[]);
    let mut given = Vec::new();
    for _ in 0..3 {
        given.push(explain(&server, &small_history()).await);
    }
    server.end();
    let change = "UPDATE contents SET document = ? WHERE sequence = 2";
    let document = &given[1].bytes;
    let end = document.len();
    // At the start, in the middle, in the predecessor's hash, in its own hash, and at the end.
    for place in [0, 9, end / 3, end / 2, end - 150, end - 40, end - 1] {
        let mut changed = document.clone();
        changed[place] ^= 1;
        stored.change(change, &changed).await;
        let (code, text) = audit_of(&stored);
        assert_eq!(code, Some(1), "byte {place}: {text}");
        assert!(text.contains("broken at entry 2:"), "byte {place}: {text}");
    }
    let audit = stored.audit(&["--json"]);
    let audit: Value = serde_json::from_slice(&audit.stdout).unwrap();
    assert_eq!(audit["whole"], false);
    assert_eq!(audit["broken"]["sequence"], 2);
    stored.change(change, document).await;
    stored.whole_audit();

    // Another record in its place is a fault too.
    stored.change(change, &given[0].bytes).await;
    assert_eq!(audit_of(&stored).0, Some(1));
    stored.change(change, document).await;

    // Only an audit with an anchor finds that the last entry was removed.
    let last = given[2].document["record_sha256"].as_str().unwrap();
    let with_anchor = || stored.audit(&["--anchor", last]).status.code();
    assert_eq!(with_anchor(), Some(0));
    for table in ["contents", "entries"] {
        let cut = format!("DELETE FROM {table} WHERE sequence = 3");
        assert_eq!(stored.execute(&cut, None).await, 1);
    }
    if let TestStore::Sqlite(folder) = &stored {
        // The anchor beside the database.
        assert_eq!(audit_of(&stored).0, Some(1));
        std::fs::remove_file(folder.path().join("records.db-anchor")).unwrap();
    }
    stored.whole_audit();
    assert_eq!(with_anchor(), Some(1));
    // A document that is missing without an erasure is a fault.
    let removed = "DELETE FROM contents WHERE sequence = 1";
    assert_eq!(stored.execute(removed, None).await, 1);
    let (code, text) = audit_of(&stored);
    assert_eq!(code, Some(1));
    assert!(text.contains("broken at entry 1:"), "{text}");
}

async fn keep_input_decides_what_is_stored_and_verifiable(stored: TestStore) {
    let moment = "2018-05-06T07:08:09Z";
    let marked = history(&[
        transaction(moment, -77_123.25, "rent"),
        transaction("2019-06-01", -30.0, "groceries"),
    ]);
    let mut given = Vec::new();
    for (keep, has_totals, has_moment) in [
        ("digest", false, false),
        ("totals", true, false),
        ("history", true, true),
    ] {
        let server = stored.start(&["--keep-input", keep]);
        given.push((
            keep,
            explain(&server, &with_options(example(), json!({}))).await,
        ));
        given.push((keep, explain(&server, &marked).await));
        server.end();
        assert_eq!(stored.contains("77123.25").await, has_totals, "{keep}");
        assert_eq!(stored.contains(moment).await, has_moment, "{keep}");
    }
    // The input that was kept decides, not the present setting.
    let server = stored.start(&["--keep-input", "digest"]);
    for (keep, given) in &given {
        let path = format!("/v1/explanations/{}/verify", given.id);
        let response = server.post(&path, "").await;
        if *keep == "digest" {
            let refused = problem(response, 422).await;
            assert_eq!(refused["type"], "urn:microseg:problem:not-verifiable");
        } else {
            assert_eq!(response.status(), 200, "{keep}");
            let answer: Value = response.json().await.unwrap();
            assert_eq!(answer, json!({"id": given.id, "agrees": true}));
        }
    }
}

#[test]
fn unopenable_store_ends_the_server_with_the_flags_name() {
    let folder = tempfile::tempdir().unwrap();
    let text = "This text is longer than the hundred bytes of a database's header. It is no database, \
                and it must not be overwritten.";
    let file = folder.path().join("notes.txt");
    std::fs::write(&file, text).unwrap();
    let inside = sqlite_in(&folder.path().join("no such folder"));
    for url in [
        format!("sqlite://{}", folder.path().display()),
        format!("sqlite://{}", file.display()),
        inside,
        "postgres://anna:secret@127.0.0.1:1/records".to_owned(),
        "postgres://anna@127.0.0.1/records?pasword=secret".to_owned(),
    ] {
        let output = serve().args(["--store", &url]).output().unwrap();
        assert_failure(&output, "--store: ");
        assert!(!errors(&output).contains("secret"));
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
}

on_each_database! {
    chain_is_whole_after_erasures_with_and_without_a_server,
    changed_byte_is_found_with_its_entry,
    keep_input_decides_what_is_stored_and_verifiable,
}
