//! Erasure of explanations, customers, jobs and expired records, down to the bytes on the disk.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use test_support::client::problem;
use test_support::command::microseg;
use test_support::explanations::{
    Explanation, erase_customer, explain, ids, list, page, percent_encoded,
};
use test_support::histories::{
    history, slow_history, small_history, transaction, with_customer, with_options,
};
use test_support::jobs::{await_done, await_started, queue_job};
use test_support::on_each_database;
use test_support::server::Server;
use test_support::store::TestStore;
use test_support::wait::eventually;

async fn assert_gone(server: &Server, id: &str) {
    let path = format!("/v1/explanations/{id}");
    problem(server.get(&path).await, 404).await;
    problem(server.post(&format!("{path}/verify"), "").await, 404).await;
    problem(server.delete(&path).await, 404).await;
}

async fn erased_explanation_is_gone_and_others_remain(stored: TestStore) {
    let server = stored.start(&[]);
    let mut all = Vec::new();
    for _ in 0..3 {
        all.push(explain(&server, &small_history()).await);
    }
    let path = format!("/v1/explanations/{}", all[1].id);
    let erased = server.delete(&path).await;
    assert_eq!(erased.status(), 204);
    assert!(erased.bytes().await.unwrap().is_empty());
    server.kill();

    let server = stored.start(&[]);
    assert_gone(&server, &all[1].id).await;
    assert_eq!(
        ids(&page(&server, "c-1", "").await),
        [&*all[2].id, &*all[0].id]
    );
    for kept in [&all[0], &all[2]] {
        let found = server.get(&format!("/v1/explanations/{}", kept.id)).await;
        assert_eq!(found.bytes().await.unwrap(), kept.bytes);
    }
    let audit = stored.whole_audit();
    assert_eq!(
        [&audit["explanations"], &audit["erased"], &audit["erasures"]],
        [3, 1, 1]
    );
}

/// Another name with the same two bytes of its digest, by which the database looks a customer up.
fn neighbour(customer_id: &str) -> String {
    let prefix = |name: &str| Sha256::digest(name)[..2].to_vec();
    let mut names = (0..).map(|number| format!("neighbour {number}"));
    names
        .find(|name| prefix(name) == prefix(customer_id))
        .unwrap()
}

async fn erased_customer_is_gone_and_similar_names_remain(stored: TestStore) {
    let server = stored.start(&[]);
    let customer_id = "Žofie Nováková / č. 7 + 客户%20";
    let near = neighbour(customer_id);
    let others = [
        &*near,
        "Žofie Nováková",
        "Žofie Nováková / č. 7 + 客户 ",
        "žofie nováková / č. 7 + 客户%20",
    ];
    let mut of_customer = Vec::new();
    for _ in 0..4 {
        of_customer.push(explain(&server, &with_customer(customer_id, small_history())).await);
        for other in others {
            explain(&server, &with_customer(other, small_history())).await;
        }
    }
    assert_eq!(list(&server, customer_id).await.len(), 4);
    // An explanation that was erased before is not counted again.
    let path = format!("/v1/explanations/{}", of_customer[0].id);
    assert_eq!(server.delete(&path).await.status(), 204);

    let counts = erase_customer(&server, customer_id).await;
    assert_eq!(counts, json!({"explanations": 3, "jobs": 0}));
    assert!(list(&server, customer_id).await.is_empty());
    for given in &of_customer {
        assert_gone(&server, &given.id).await;
    }
    for other in others {
        assert_eq!(list(&server, other).await.len(), 4, "{other}");
    }
    let counts = erase_customer(&server, customer_id).await;
    assert_eq!(counts, json!({"explanations": 0, "jobs": 0}));
    let audit = stored.whole_audit();
    assert_eq!([&audit["erased"], &audit["erasures"]], [4, 2]);

    // A customer may have records again after the erasure.
    let again = explain(&server, &with_customer(customer_id, small_history())).await;
    assert_eq!(list(&server, customer_id).await, [again.id]);
    let log = server.log();
    for name in [customer_id, &percent_encoded(customer_id), "Žofie"] {
        assert!(!log.contains(name), "{log}");
    }
}

/// Texts that are in a customer's records and nowhere else.
fn passages(customer_id: &str, given: &Explanation) -> Vec<String> {
    let member = |pointer: &str| given.document.pointer(pointer).unwrap().to_string();
    vec![
        customer_id.to_owned(),
        "77123.45".to_owned(),
        "2017-11-05T06:07:08Z".to_owned(),
        member("/input/sha256"),
        member("/request_id"),
        member("/method/seed"),
        member("/targets/0/value"),
    ]
}

#[tokio::test]
async fn erased_customers_bytes_are_gone_from_the_disk() {
    let stored = TestStore::sqlite();
    let server = stored.start(&["--keep-input", "history"]);
    let customer_id = "Ondřej Zmizelý, 1948-02-25";
    let vanishing = history(&[
        transaction("2017-11-05T06:07:08Z", -77_123.45, "rent"),
        transaction("2018-03-01", -120.0, "restaurants"),
        transaction("2019-03-01", -20.0, "groceries"),
    ]);
    // Records of many sizes among those of other customers, one of which is erased earlier: the database moves rows.
    let mut given = Vec::new();
    for number in 0..60 {
        let (target, top) = (["openness", "traits", "state"][number % 3], 1 + number % 4);
        let options = json!({"samples": 32, "target": target, "level": "cell", "top": top});
        for other in ["kept", "erased earlier"] {
            let body = with_options(with_customer(other, small_history()), options.clone());
            explain(&server, &body).await;
        }
        let body = with_options(with_customer(customer_id, vanishing.clone()), options);
        given.push(explain(&server, &body).await);
        if number % 20 == 19 {
            erase_customer(&server, "erased earlier").await;
        }
        // Some are erased alone, so that their space is used again.
        if number % 7 == 6 {
            let path = format!("/v1/explanations/{}", given[number - 3].id);
            assert_eq!(server.delete(&path).await.status(), 204);
        }
    }
    let everything: BTreeSet<String> = given
        .iter()
        .flat_map(|given| passages(customer_id, given))
        .collect();
    let before = passages(customer_id, &given[59]);
    for passage in &before {
        assert!(!stored.files_with(passage).is_empty(), "{passage}");
    }

    let counts = erase_customer(&server, customer_id).await;
    assert_eq!(counts["explanations"], 60 - 8);
    let assert_nowhere = |when: &str| {
        for passage in &everything {
            let files = stored.files_with(passage);
            assert!(files.is_empty(), "{when}: {passage} in {files:?}");
        }
        assert!(!stored.files_with("kept").is_empty());
    };
    assert_nowhere("after the answer to the erasure");
    server.end();
    assert_nowhere("after the end of the server");
    assert_eq!(stored.whole_audit()["erased"], 120);
}

async fn erased_customers_jobs_are_gone_in_every_state(stored: TestStore) {
    let server = stored.start(&["--keep-input", "digest"]);
    let customer_id = "Ondřej Zmizelý, 1948-02-25";
    let running = queue_job(&server, &slow_history(customer_id)).await;
    await_started(&server, &running).await;
    // Slow jobs wait behind it, and small ones behind these. Most of the small ones are of a customer who is erased
    // first: where so many rows are removed, the database moves the others.
    let mut others = Vec::new();
    for _ in 0..4 {
        others.push(queue_job(&server, &slow_history("other")).await);
    }
    let names = ["first", "first", customer_id, "first", "first", "first"];
    let bodies: Vec<Value> = (0..120)
        .map(|number| with_customer(names[number % names.len()], small_history()))
        .collect();
    let jobs = join_all(bodies.iter().map(|body| queue_job(&server, body))).await;
    assert!(stored.contains(customer_id).await);
    for (name, count) in [("first", 100), (customer_id, 21)] {
        let counts = erase_customer(&server, name).await;
        let [explanations, jobs] = ["explanations", "jobs"].map(|what| counts[what].as_u64());
        // Some jobs may be done already.
        assert_eq!(explanations.unwrap() + jobs.unwrap(), count, "{counts}");
        assert!(jobs.unwrap() > 0, "{counts}");
    }
    assert!(!stored.contains(customer_id).await);
    for id in jobs.iter().chain([&running]) {
        problem(server.get(&format!("/v1/jobs/{id}")).await, 404).await;
    }

    // The running job is not recorded: jobs run in turn, and the last of the others is done.
    for id in &others {
        await_done(&server, id).await;
    }
    for name in ["first", customer_id] {
        assert!(list(&server, name).await.is_empty());
    }
    assert_eq!(list(&server, "other").await.len(), 4);
    assert!(!stored.contains(customer_id).await);
    let audit = stored.whole_audit();
    let left = audit["explanations"].as_u64().unwrap() - audit["erased"].as_u64().unwrap();
    assert_eq!(left, 4);
    assert!(!server.log().contains("Zmizelý"));
}

async fn expired_explanation_is_erased_at_server_start(stored: TestStore) {
    let server = stored.start(&[]);
    let old = explain(&server, &small_history()).await;
    let young = explain(&server, &small_history()).await;
    server.end();
    // The first record gets a time 31 days earlier.
    let earlier = "UPDATE entries SET created_at = created_at - 2678400000 WHERE sequence = 1";
    assert_eq!(stored.execute(earlier, None).await, 1);

    let server = stored.start(&["--retention-days", "32"]);
    assert_eq!(list(&server, "c-1").await.len(), 2);
    server.kill();
    let server = stored.start(&["--retention-days", "30"]);
    eventually("the old explanation is erased", async || {
        (list(&server, "c-1").await == [&*young.id]).then_some(())
    })
    .await;
    assert_gone(&server, &old.id).await;
    let audit = stored.whole_audit();
    assert_eq!([&audit["erased"], &audit["erasures"]], [1, 1]);
}

async fn retention_that_would_erase_most_asks_first(stored: TestStore) {
    let server = stored.start(&[]);
    for _ in 0..3 {
        explain(&server, &small_history()).await;
    }
    server.end();
    let earlier = "UPDATE entries SET created_at = created_at - 2678400000 WHERE sequence < 3";
    assert_eq!(stored.execute(earlier, None).await, 2);
    let days = ["--retention-days", "30"];
    let server = stored.start(&days);
    let stopped =
        server.await_event("nothing is erased for its age until `microseg retention --confirm`");
    assert_eq!([&stopped["expired"], &stopped["all"]], [2, 3]);
    assert_eq!(list(&server, "c-1").await.len(), 3);

    let retention = |arguments: &[&str]| {
        let mut command = microseg();
        command.args(["retention", "--store", &stored.url()]);
        let output = command.args(days).args(arguments).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        (output.status.code(), text)
    };
    let (code, text) = retention(&[]);
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.starts_with("2 of 3 explanations are too old"),
        "{text}"
    );
    let (code, text) = retention(&["--retention-percent", "70"]);
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(list(&server, "c-1").await.len(), 3);
    let (code, text) = retention(&["--confirm"]);
    assert_eq!((code, &*text), (Some(0), "2 explanations were erased\n"));
    assert_eq!(list(&server, "c-1").await.len(), 1);
    assert_eq!(stored.whole_audit()["erased"], 2);
}

on_each_database! {
    erased_explanation_is_gone_and_others_remain,
    erased_customer_is_gone_and_similar_names_remain,
    erased_customers_jobs_are_gone_in_every_state,
    expired_explanation_is_erased_at_server_start,
    retention_that_would_erase_most_asks_first,
}
