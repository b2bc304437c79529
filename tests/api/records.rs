//! `/v1/explanations`: what was given is found again, byte for byte, alone and in lists.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::histories::{asking, example, history, spent};
use crate::server::{Server, problem};
use crate::stored::{
    Given, Stored, delete, encoded, end, explain, ids, kill, of, on_each_database, page,
};

/// A history that is explained in no time.
pub(crate) fn small() -> Value {
    let spending = [
        spent("2018-03-01", -120.0, "restaurants"),
        spent("2019-06-01", -300.0, "rent"),
    ];
    asking(history(&spending), json!({"samples": 32}))
}

async fn assert_found(server: &Server, given: &Given) {
    let response = server.get(&format!("/v1/explanations/{}", given.id)).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.bytes().await.unwrap(), given.bytes);
}

async fn an_explanation_is_found_byte_for_byte_by_every_later_server(stored: Stored) {
    let server = stored.start(&[]);
    let large = json!({"target": "state", "level": "cell", "top": 1_000});
    let mut nobodys = small();
    nobodys.as_object_mut().unwrap().remove("customer_id");
    let mut all = Vec::new();
    for body in [
        small(),
        asking(example(), large),
        nobodys,
        of("Žofie / 客户 \"7\" \\ 🦀", small()),
    ] {
        let given = explain(&server, &body).await;
        let id = Uuid::parse_str(&given.id).unwrap();
        assert_eq!(id.get_version_num(), 7);
        assert_eq!(id.to_string(), given.id);
        assert_found(&server, &given).await;
        all.push(given);
    }
    end(server);
    for _ in 0..2 {
        let server = stored.start(&[]);
        for given in &all {
            assert_found(&server, given).await;
        }
        kill(server);
    }
    assert_eq!(stored.whole()["explanations"], all.len());
}

/// A record's hash, from its bytes alone: SHA-256 over its predecessor's hash and that of the document without the
/// three members of the chain, a line each.
fn recomputed(given: &Given) -> String {
    let member = |name: &str| given.document[name].as_str().unwrap();
    let chained = format!(
        r#","previous_sha256":"{}","document_sha256":"{}","record_sha256":"{}""#,
        member("previous_sha256"),
        member("document_sha256"),
        member("record_sha256"),
    );
    let explained = given
        .bytes
        .strip_suffix(format!("{chained}}}").as_bytes())
        .unwrap();
    let of_document = hex::encode(Sha256::digest([explained, b"}"].concat()));
    assert_eq!(given.document["document_sha256"], of_document);
    hex::encode(Sha256::digest(format!(
        "{}\n{of_document}\n",
        member("previous_sha256")
    )))
}

async fn every_record_names_its_own_hash_and_that_of_the_one_before_it(stored: Stored) {
    let server = stored.start(&[]);
    let mut head = "0".repeat(64);
    let mut first = None;
    for number in 1..=5 {
        let given = explain(&server, &small()).await;
        assert_eq!(given.document["previous_sha256"], head);
        head = recomputed(&given);
        assert_eq!(given.document["record_sha256"], head);
        assert_eq!(stored.whole()["head"], head);
        if number == 3 {
            // Erasing is an entry of its own, and the next record names that.
            let path = format!("/v1/explanations/{}", given.id);
            assert_eq!(delete(&server, &path).await.status(), 204);
            let after = stored.whole()["head"].as_str().unwrap().to_owned();
            assert_ne!(after, head);
            head = after;
        }
        first.get_or_insert_with(|| recomputed(&given));
    }
    let audit = stored.audit(&["--json", "--anchor", &first.unwrap()]);
    let audit: Value = serde_json::from_slice(&audit.stdout).unwrap();
    assert_eq!(audit["anchor"], json!({"found": "here", "sequence": 1}));
}

async fn pages_hold_every_explanation_of_a_customer_once_the_newest_first(stored: Stored) {
    let server = stored.start(&[]);
    let customer_id = "client & associé / 7 + 客";
    let mut newest_first = Vec::new();
    for number in 0..6 {
        let options = json!({"method": "global-linear", "target": "openness", "level": "cell"});
        let body = of(customer_id, asking(small(), options));
        newest_first.insert(0, explain(&server, &body).await);
        if number % 2 == 0 {
            explain(&server, &of("client", small())).await;
        }
    }
    let newest: Vec<String> = newest_first.iter().map(|given| given.id.clone()).collect();

    for (limit, pages) in [(1, 6), (2, 3), (4, 2), (6, 1), (100, 1)] {
        let mut found = Vec::new();
        let mut rest = format!("&limit={limit}");
        let mut count = 0;
        loop {
            let page = page(&server, customer_id, &rest).await;
            count += 1;
            found.extend(ids(&page));
            let Some(cursor) = page["next_cursor"].as_str() else {
                break;
            };
            assert!(count < pages, "a page too many at limit {limit}");
            rest = format!("&limit={limit}&cursor={cursor}");
        }
        assert_eq!((found, count), (newest.clone(), pages), "limit {limit}");
    }

    // What is added while somebody turns the pages is before them, not among them.
    let first = page(&server, customer_id, "&limit=2").await;
    explain(&server, &of(customer_id, small())).await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let others = page(&server, customer_id, &format!("&cursor={cursor}")).await;
    assert_eq!([ids(&first), ids(&others)].concat(), newest);

    for (summary, given) in first["explanations"]
        .as_array()
        .unwrap()
        .iter()
        .zip(&newest_first)
    {
        let document = &given.document;
        let expected = json!({
            "id": given.id,
            "created_at": document["created_at"],
            "href": format!("/v1/explanations/{}", given.id),
            "model": document["model"],
            "method": "global-linear",
            "level": "cell",
            "targets": ["openness"],
            "verdict": document["quality"]["verdict"],
        });
        assert_eq!(*summary, expected);
    }
    let nobody = page(&server, "somebody else", "").await;
    assert_eq!(nobody, json!({"explanations": [], "next_cursor": null}));
    let log = server.log();
    for name in [customer_id, &encoded(customer_id)] {
        assert!(!log.contains(name), "{log}");
    }
}

#[tokio::test]
async fn what_cannot_be_listed_is_refused() {
    let server = Server::start(&[]);
    let given = explain(&server, &small()).await;
    let erased = explain(&server, &small()).await;
    let path = format!("/v1/explanations/{}", erased.id);
    assert_eq!(delete(&server, &path).await.status(), 204);
    for query in [
        String::new(),
        "?".to_owned(),
        "?limit=5".to_owned(),
        "?customer_id=c-1&customer_id=c-2".to_owned(),
        "?customer_id=c-1&limit=0".to_owned(),
        "?customer_id=c-1&limit=101".to_owned(),
        "?customer_id=c-1&limit=-1".to_owned(),
        "?customer_id=c-1&limit=ten".to_owned(),
        "?customer_id=c-1&cursor=next".to_owned(),
        format!("?customer_id=c-1&cursor={}", Uuid::nil()),
    ] {
        let path = format!("/v1/explanations{query}");
        let refused = problem(server.get(&path).await, 422).await;
        assert_eq!(
            refused["type"], "urn:microseg:problem:invalid-content",
            "{query}"
        );
    }
    assert_eq!(ids(&page(&server, "c-1", "").await), [given.id]);
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_whatever_its_name() {
    let server = Server::start(&[]);
    explain(&server, &small()).await;
    for name in [
        Uuid::now_v7().to_string(),
        Uuid::nil().to_string(),
        "7".to_owned(),
        "no-uuid".to_owned(),
        "%00".to_owned(),
        "%FF".to_owned(),
        "x".repeat(1_000),
    ] {
        let path = format!("/v1/explanations/{name}");
        let verify = format!("{path}/verify");
        for response in [
            server.get(&path).await,
            delete(&server, &path).await,
            server.post(&verify, "").await,
            server.get(&format!("/v1/jobs/{name}")).await,
        ] {
            let found = problem(response, 404).await;
            assert_eq!(found["type"], "urn:microseg:problem:not-found", "{name}");
        }
    }
}

on_each_database! {
    an_explanation_is_found_byte_for_byte_by_every_later_server,
    every_record_names_its_own_hash_and_that_of_the_one_before_it,
    pages_hold_every_explanation_of_a_customer_once_the_newest_first,
}
