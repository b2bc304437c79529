//! Erasing: one explanation, a customer, what is too old; and that the bytes are gone from the disk.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::histories::{asking, history, spent};
use crate::jobs::{done, heavy, queued, status};
use crate::records::small;
use crate::server::{Server, problem};
use crate::stored::{
    Given, Stored, delete, encoded, end, erase_customer, explain, ids, kill, listed, of,
    on_each_database, page, until,
};

async fn assert_gone(server: &Server, id: &str) {
    let path = format!("/v1/explanations/{id}");
    problem(server.get(&path).await, 404).await;
    problem(server.post(&format!("{path}/verify"), "").await, 404).await;
    problem(delete(server, &path).await, 404).await;
}

async fn one_explanation_is_erased_once_and_alone(stored: Stored) {
    let server = stored.start(&[]);
    let mut all = Vec::new();
    for _ in 0..3 {
        all.push(explain(&server, &small()).await);
    }
    let path = format!("/v1/explanations/{}", all[1].id);
    let erased = delete(&server, &path).await;
    assert_eq!(erased.status(), 204);
    assert!(erased.bytes().await.unwrap().is_empty());
    kill(server);

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
    let audit = stored.whole();
    assert_eq!(
        [&audit["explanations"], &audit["erased"], &audit["erasures"]],
        [3, 1, 1]
    );
}

/// Another name that falls into the same of the 65,536 places by which the database looks a customer up.
fn neighbour(customer_id: &str) -> String {
    let place = |name: &str| Sha256::digest(name)[..2].to_vec();
    let mut names = (0..).map(|number| format!("neighbour {number}"));
    names
        .find(|name| place(name) == place(customer_id))
        .unwrap()
}

async fn a_customer_is_erased_under_any_name_and_nobody_else_is(stored: Stored) {
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
        of_customer.push(explain(&server, &of(customer_id, small())).await);
        for other in others {
            explain(&server, &of(other, small())).await;
        }
    }
    assert_eq!(listed(&server, customer_id).await.len(), 4);
    // One that was erased before is not counted again.
    let path = format!("/v1/explanations/{}", of_customer[0].id);
    assert_eq!(delete(&server, &path).await.status(), 204);

    let counts = erase_customer(&server, customer_id).await;
    assert_eq!(counts, json!({"explanations": 3, "jobs": 0}));
    assert!(listed(&server, customer_id).await.is_empty());
    for given in &of_customer {
        assert_gone(&server, &given.id).await;
    }
    for other in others {
        assert_eq!(listed(&server, other).await.len(), 4, "{other}");
    }
    let counts = erase_customer(&server, customer_id).await;
    assert_eq!(counts, json!({"explanations": 0, "jobs": 0}));
    let audit = stored.whole();
    assert_eq!([&audit["erased"], &audit["erasures"]], [4, 2]);

    // Who was erased may come back.
    let again = explain(&server, &of(customer_id, small())).await;
    assert_eq!(listed(&server, customer_id).await, [again.id]);
    let log = server.log();
    for name in [customer_id, &encoded(customer_id), "Žofie"] {
        assert!(!log.contains(name), "{log}");
    }
}

/// Passages that stand in a customer's records and nowhere else.
fn passages(customer_id: &str, given: &Given) -> Vec<String> {
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
async fn the_bytes_of_an_erased_customer_are_nowhere_on_the_disk() {
    let stored = Stored::sqlite();
    let server = stored.start(&["--keep-input", "history"]);
    let customer_id = "Ondřej Zmizelý, 1948-02-25";
    let vanishing = history(&[
        spent("2017-11-05T06:07:08Z", -77_123.45, "rent"),
        spent("2018-03-01", -120.0, "restaurants"),
        spent("2019-03-01", -20.0, "groceries"),
    ]);
    // Records of many sizes among those of others, some of whom leave earlier: the database moves rows about.
    let mut given = Vec::new();
    for number in 0..60 {
        let (target, top) = (["openness", "traits", "state"][number % 3], 1 + number % 4);
        let options = json!({"samples": 32, "target": target, "level": "cell", "top": top});
        for other in ["somebody else", "gone before"] {
            let body = asking(of(other, small()), options.clone());
            explain(&server, &body).await;
        }
        let body = asking(of(customer_id, vanishing.clone()), options);
        given.push(explain(&server, &body).await);
        if number % 20 == 19 {
            erase_customer(&server, "gone before").await;
        }
        // Now and then one alone, so that its place is written over.
        if number % 7 == 6 {
            let path = format!("/v1/explanations/{}", given[number - 3].id);
            assert_eq!(delete(&server, &path).await.status(), 204);
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
        assert!(!stored.files_with("somebody else").is_empty());
    };
    assert_nowhere("as soon as it was said to be erased");
    end(server);
    assert_nowhere("after the server's end");
    assert_eq!(stored.whole()["erased"], 120);
}

async fn a_customers_jobs_are_erased_wherever_they_are(stored: Stored) {
    let server = stored.start(&["--keep-input", "digest"]);
    let leaving = "Ondřej Zmizelý, 1948-02-25";
    let running = queued(&server, &heavy(leaving)).await;
    until("the first job runs", async || {
        (status(&server, &running).await != "queued").then_some(())
    })
    .await;
    // Others wait behind it and in the way of the rest, which are small. Most are of somebody who leaves earlier: where
    // so many rows go, the database moves the others together.
    let mut others = Vec::new();
    for _ in 0..4 {
        others.push(queued(&server, &heavy("staying")).await);
    }
    let names = ["gone", "gone", leaving, "gone", "gone", "gone"];
    let bodies: Vec<Value> = (0..120)
        .map(|number| of(names[number % names.len()], small()))
        .collect();
    let jobs = join_all(bodies.iter().map(|body| queued(&server, body))).await;
    assert!(stored.holds(leaving).await);
    for (name, count) in [("gone", 100), (leaving, 21)] {
        let counts = erase_customer(&server, name).await;
        let [explanations, jobs] = ["explanations", "jobs"].map(|what| counts[what].as_u64());
        // Some may have been done by then.
        assert_eq!(explanations.unwrap() + jobs.unwrap(), count, "{counts}");
        assert!(jobs.unwrap() > 0, "{counts}");
    }
    assert!(!stored.holds(leaving).await);
    for id in jobs.iter().chain([&running]) {
        problem(server.get(&format!("/v1/jobs/{id}")).await, 404).await;
    }

    // What was being computed is not recorded after all: jobs run in turn, and the last of the others is done.
    for id in &others {
        done(&server, id).await;
    }
    for name in ["gone", leaving] {
        assert!(listed(&server, name).await.is_empty());
    }
    assert_eq!(listed(&server, "staying").await.len(), 4);
    assert!(!stored.holds(leaving).await);
    let audit = stored.whole();
    let left = audit["explanations"].as_u64().unwrap() - audit["erased"].as_u64().unwrap();
    assert_eq!(left, 4);
    assert!(!server.log().contains("Zmizelý"));
}

async fn what_is_older_than_it_may_be_goes_when_a_server_starts(stored: Stored) {
    let server = stored.start(&[]);
    let old = explain(&server, &small()).await;
    let young = explain(&server, &small()).await;
    end(server);
    // Nobody waits for a month: the first record is said to be 31 days older than it is.
    let earlier = "UPDATE entries SET created_at = created_at - 2678400000 WHERE sequence = 1";
    assert_eq!(stored.execute(earlier, None).await, 1);

    let server = stored.start(&["--retention-days", "32"]);
    assert_eq!(listed(&server, "c-1").await.len(), 2);
    kill(server);
    let server = stored.start(&["--retention-days", "30"]);
    until("the old explanation is erased", async || {
        (listed(&server, "c-1").await == [&*young.id]).then_some(())
    })
    .await;
    assert_gone(&server, &old.id).await;
    let audit = stored.whole();
    assert_eq!([&audit["erased"], &audit["erasures"]], [1, 1]);
}

on_each_database! {
    one_explanation_is_erased_once_and_alone,
    a_customer_is_erased_under_any_name_and_nobody_else_is,
    a_customers_jobs_are_erased_wherever_they_are,
    what_is_older_than_it_may_be_goes_when_a_server_starts,
}
