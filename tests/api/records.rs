//! `/v1/explanations`: records byte for byte, their hashes, and lists.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use test_support::client::problem;
use test_support::explanations::{Explanation, explain, ids, page, percent_encoded};
use test_support::histories::{example, small_history, with_customer, with_options};
use test_support::on_each_database;
use test_support::server::Server;
use test_support::shared_server::shared_server;
use test_support::store::TestStore;

async fn assert_found(server: &Server, given: &Explanation) {
    let response = server.get(&format!("/v1/explanations/{}", given.id)).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.bytes().await.unwrap(), given.bytes);
}

async fn explanation_is_found_byte_for_byte_by_later_servers(stored: TestStore) {
    let server = stored.start(&[]);
    let large = json!({"target": "state", "level": "cell", "top": 1_000});
    let mut unnamed = small_history();
    unnamed.as_object_mut().unwrap().remove("customer_id");
    let mut all = Vec::new();
    for body in [
        small_history(),
        with_options(example(), large),
        unnamed,
        with_customer("Žofie / 客户 \"7\" \\ 🦀", small_history()),
    ] {
        let given = explain(&server, &body).await;
        let id = Uuid::parse_str(&given.id).unwrap();
        assert_eq!(id.get_version_num(), 7);
        assert_eq!(id.to_string(), given.id);
        assert_found(&server, &given).await;
        all.push(given);
    }
    server.end();
    for _ in 0..2 {
        let server = stored.start(&[]);
        for given in &all {
            assert_found(&server, given).await;
        }
        server.kill();
    }
    assert_eq!(stored.whole_audit()["explanations"], all.len());
}

/// A record's hash, computed from its bytes: SHA-256 over two lines, the predecessor's hash and the hash of the document
/// without the three members of the chain.
fn recomputed(given: &Explanation) -> String {
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

async fn record_contains_its_hash_and_its_predecessors(stored: TestStore) {
    let server = stored.start(&[]);
    let mut head = "0".repeat(64);
    let mut first = None;
    for number in 1..=5 {
        let given = explain(&server, &small_history()).await;
        assert_eq!(given.document["previous_sha256"], head);
        head = recomputed(&given);
        assert_eq!(given.document["record_sha256"], head);
        assert_eq!(stored.whole_audit()["head"], head);
        if number == 3 {
            // An erasure is an entry of the chain, and the next record contains its hash.
            let path = format!("/v1/explanations/{}", given.id);
            assert_eq!(server.delete(&path).await.status(), 204);
            let after = stored.whole_audit()["head"].as_str().unwrap().to_owned();
            assert_ne!(after, head);
            head = after;
        }
        first.get_or_insert_with(|| recomputed(&given));
    }
    let audit = stored.audit(&["--json", "--anchor", &first.unwrap()]);
    let audit: Value = serde_json::from_slice(&audit.stdout).unwrap();
    assert_eq!(audit["anchor"], json!({"found": "here", "sequence": 1}));
}

async fn pages_list_each_explanation_once_newest_first(stored: TestStore) {
    let server = stored.start(&[]);
    let customer_id = "client & associé / 7 + 客";
    let mut newest_first = Vec::new();
    for number in 0..6 {
        let options = json!({"method": "global-linear", "target": "openness", "level": "cell"});
        let body = with_customer(customer_id, with_options(small_history(), options));
        newest_first.insert(0, explain(&server, &body).await);
        if number % 2 == 0 {
            explain(&server, &with_customer("client", small_history())).await;
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

    // An explanation that is added between two pages is on none of them.
    let first = page(&server, customer_id, "&limit=2").await;
    explain(&server, &with_customer(customer_id, small_history())).await;
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
    let empty = page(&server, "unknown", "").await;
    assert_eq!(empty, json!({"explanations": [], "next_cursor": null}));
    let log = server.log();
    for name in [customer_id, &percent_encoded(customer_id)] {
        assert!(!log.contains(name), "{log}");
    }
}

#[tokio::test]
async fn invalid_list_query_is_refused() {
    let server = Server::start(&[]);
    let given = explain(&server, &small_history()).await;
    let erased = explain(&server, &small_history()).await;
    let path = format!("/v1/explanations/{}", erased.id);
    assert_eq!(server.delete(&path).await.status(), 204);
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
async fn unknown_record_answers_404_for_every_name() {
    let server = shared_server();
    explain(&server, &small_history()).await;
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
            server.delete(&path).await,
            server.post(&verify, "").await,
            server.get(&format!("/v1/jobs/{name}")).await,
        ] {
            let found = problem(response, 404).await;
            assert_eq!(found["type"], "urn:microseg:problem:not-found", "{name}");
        }
    }
}

/// The number of altered reads that a server has counted.
async fn altered(server: &Server) -> u64 {
    let text = server.get("/metrics").await.text().await.unwrap();
    let name = "microseg_records_altered_total ";
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.unwrap().parse().unwrap()
}

async fn altered_record_is_refused_counted_and_told_in_its_list(stored: TestStore) {
    let server = stored.start(&[]);
    let mut given = Vec::new();
    for _ in 0..3 {
        given.push(explain(&server, &small_history()).await);
    }
    assert_eq!(altered(&server).await, 0);
    let text = String::from_utf8(given[1].bytes.clone()).unwrap();
    let changed = text.replacen("\"contribution\":", "\"contributioN\":", 1);
    assert_ne!(changed, text);
    let change = "UPDATE contents SET document = ? WHERE sequence = 2";
    stored.change(change, changed.as_bytes()).await;

    let path = format!("/v1/explanations/{}", given[1].id);
    let refused = problem(server.get(&path).await, 500).await;
    assert_eq!(refused["type"], "urn:microseg:problem:record-altered");
    assert_eq!(altered(&server).await, 1);
    assert_found(&server, &given[0]).await;
    assert_found(&server, &given[2]).await;
    // The list needs no document, until the summary is gone too.
    let whole = page(&server, "c-1", "").await;
    assert!(whole["explanations"][1]["problem"].is_null(), "{whole}");
    let removed = "UPDATE entries SET summary = NULL WHERE sequence = 2";
    assert_eq!(stored.execute(removed, None).await, 1);
    let told = page(&server, "c-1", "").await;
    let places: Vec<String> = given.iter().rev().map(|given| given.id.clone()).collect();
    assert_eq!(ids(&told), places);
    let place = &told["explanations"][1];
    assert_eq!(
        place["problem"]["type"],
        "urn:microseg:problem:record-altered"
    );
    assert_eq!(place["href"], path);
    assert_eq!(place["created_at"], given[1].document["created_at"]);
    assert!(place["verdict"].is_null(), "{place}");
    for other in [0, 2] {
        assert_eq!(told["explanations"][other], whole["explanations"][other]);
    }
    assert_eq!(altered(&server).await, 2);
    let log = server.log();
    assert!(!log.contains("contributioN"), "{log}");
}

async fn head_of_the_chain_is_an_anchor(stored: TestStore) {
    let server = stored.start(&[]);
    let empty = server.get_json("/v1/audit/head").await;
    assert_eq!(empty, json!({"entries": 0, "record_sha256": null}));
    let given = explain(&server, &small_history()).await;
    let hash = &given.document["record_sha256"];
    let head = server.get_json("/v1/audit/head").await;
    assert_eq!(head, json!({"entries": 1, "record_sha256": hash}));
    explain(&server, &small_history()).await;
    let audit = stored.audit(&["--json", "--anchor", hash.as_str().unwrap()]);
    let audit: Value = serde_json::from_slice(&audit.stdout).unwrap();
    assert_eq!(audit["anchor"], json!({"found": "here", "sequence": 1}));
}

on_each_database! {
    altered_record_is_refused_counted_and_told_in_its_list,
    head_of_the_chain_is_an_anchor,
    explanation_is_found_byte_for_byte_by_later_servers,
    record_contains_its_hash_and_its_predecessors,
    pages_list_each_explanation_once_newest_first,
}
