//! `microseg audit`, what is kept of an input, and stores that cannot be opened.

use serde_json::{Value, json};

use crate::histories::{asking, example, history, spent};
use crate::records::small;
use crate::server::{expect_failure, microseg, problem, store_in};
use crate::stored::{Stored, delete, end, explain, kill, of, on_each_database};

fn told(stored: &Stored) -> (Option<i32>, String) {
    let output = stored.audit(&[]);
    (
        output.status.code(),
        String::from_utf8(output.stdout).unwrap(),
    )
}

async fn a_chain_is_whole_before_and_after_erasures_beside_its_server_and_without_it(
    stored: Stored,
) {
    let missing = stored.audit(&[]);
    // No verdict: neither whole nor broken.
    assert_eq!(missing.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("records"));

    let server = stored.start(&[]);
    assert_eq!(stored.whole()["entries"], 0);
    let mut given = Vec::new();
    for number in 0..6 {
        let customer_id = ["one", "other"][number % 2];
        given.push(explain(&server, &of(customer_id, small())).await);
    }
    let before = stored.whole();
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
        assert!(delete(&server, &path).await.status().is_success());
        stored.whole();
    }
    explain(&server, &small()).await;
    kill(server);
    let after = stored.whole();
    assert_eq!(
        ["entries", "explanations", "erased", "erasures"].map(|member| &after[member]),
        [9, 7, 4, 2]
    );
    let (code, text) = told(&stored);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("whole: 9 entries"), "{text}");
}

async fn one_changed_byte_is_found_and_its_entry_named(stored: Stored) {
    let server = stored.start(&[]);
    let mut given = Vec::new();
    for _ in 0..3 {
        given.push(explain(&server, &small()).await);
    }
    end(server);
    let change = "UPDATE contents SET document = ? WHERE sequence = 2";
    let document = &given[1].bytes;
    let end = document.len();
    // At the beginning, in the middle, in the hash before it, in its own hash, and at the end.
    for place in [0, 9, end / 3, end / 2, end - 150, end - 40, end - 1] {
        let mut changed = document.clone();
        changed[place] ^= 1;
        stored.change(change, &changed).await;
        let (code, text) = told(&stored);
        assert_eq!(code, Some(1), "byte {place}: {text}");
        assert!(text.contains("broken at entry 2:"), "byte {place}: {text}");
    }
    let audit = stored.audit(&["--json"]);
    let audit: Value = serde_json::from_slice(&audit.stdout).unwrap();
    assert_eq!(audit["whole"], false);
    assert_eq!(audit["broken"]["sequence"], 2);
    stored.change(change, document).await;
    stored.whole();

    // Somebody else's record in its place is no better than a changed one.
    stored.change(change, &given[0].bytes).await;
    assert_eq!(told(&stored).0, Some(1));
    stored.change(change, document).await;

    // The end that is cut off is missed by who has noted it, and by nobody else.
    let last = given[2].document["record_sha256"].as_str().unwrap();
    let with_anchor = || stored.audit(&["--anchor", last]).status.code();
    assert_eq!(with_anchor(), Some(0));
    for table in ["contents", "entries"] {
        let cut = format!("DELETE FROM {table} WHERE sequence = 3");
        assert_eq!(stored.execute(&cut, None).await, 1);
    }
    stored.whole();
    assert_eq!(with_anchor(), Some(1));
    // A document that is missing without an erasure is a fault.
    let removed = "DELETE FROM contents WHERE sequence = 1";
    assert_eq!(stored.execute(removed, None).await, 1);
    let (code, text) = told(&stored);
    assert_eq!(code, Some(1));
    assert!(text.contains("broken at entry 1:"), "{text}");
}

async fn as_much_of_the_input_is_kept_as_the_operator_says(stored: Stored) {
    let moment = "2018-05-06T07:08:09Z";
    let seen = history(&[
        spent(moment, -123.25, "rent"),
        spent("2019-06-01", -30.0, "groceries"),
    ]);
    let mut given = Vec::new();
    for (keep, has_totals, has_moment) in [
        ("digest", false, false),
        ("totals", true, false),
        ("history", true, true),
    ] {
        let server = stored.start(&["--keep-input", keep]);
        given.push((keep, explain(&server, &asking(example(), json!({}))).await));
        given.push((keep, explain(&server, &seen).await));
        end(server);
        assert_eq!(stored.holds("123.25").await, has_totals, "{keep}");
        assert_eq!(stored.holds(moment).await, has_moment, "{keep}");
    }
    // What was kept decides, not what the server keeps now.
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
fn a_store_that_cannot_be_opened_ends_the_server_and_names_the_flag() {
    let folder = tempfile::tempdir().unwrap();
    let text = "This is a text, and longer than the hundred bytes with which a database begins. \
                Nobody may take it for one, let alone write over it.";
    let file = folder.path().join("notes.txt");
    std::fs::write(&file, text).unwrap();
    let inside = store_in(&folder.path().join("no such folder"));
    for url in [
        format!("sqlite://{}", folder.path().display()),
        format!("sqlite://{}", file.display()),
        inside,
        "postgres://anna:secret@127.0.0.1:1/records".to_owned(),
        "postgres://anna@127.0.0.1/records?pasword=secret".to_owned(),
    ] {
        let mut command = microseg();
        command.args(["serve", "--addr", "127.0.0.1:0", "--store", &url]);
        expect_failure(&mut command, "--store: ");
        let said = command.output().unwrap().stderr;
        assert!(!String::from_utf8_lossy(&said).contains("secret"));
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
}

on_each_database! {
    a_chain_is_whole_before_and_after_erasures_beside_its_server_and_without_it,
    one_changed_byte_is_found_and_its_entry_named,
    as_much_of_the_input_is_kept_as_the_operator_says,
}
