//! Tenants: records, jobs and customers of one are those of no other.

use reqwest::{Method, Response};
use serde_json::{Value, json};

use test_support::client::problem;
use test_support::histories::{small_history, with_customer};
use test_support::keys::{TestKey, ask_with_key, key_file};
use test_support::on_each_database;
use test_support::server::Server;
use test_support::store::TestStore;
use test_support::wait::eventually;

/// A server on a store that accepts these keys.
fn start(stored: &TestStore, keys: &[&TestKey]) -> Server {
    let file = key_file(keys.iter().map(|key| key.entry.as_str()));
    stored.start(&["--api-keys-file", file.path().to_str().unwrap()])
}

/// The answer to a request for an explanation of customer `c`.
async fn explain(server: &Server, key: &TestKey, prefer: &str) -> Response {
    let body = with_customer("c", small_history()).to_string();
    let request = server.post_as("/v1/explain", "application/json", body);
    let request = request.header("prefer", prefer).bearer_auth(&key.key);
    request.send().await.unwrap()
}

/// The id of the explanation or the job in an answer.
async fn id_of(response: Response) -> String {
    let document: Value = response.json().await.unwrap();
    document["id"].as_str().unwrap().to_owned()
}

async fn get(server: &Server, key: &TestKey, path: &str) -> Response {
    ask_with_key(server, Method::GET, path, key).await
}

/// The ids of the explanations of customer `c` that a key sees.
async fn listed(server: &Server, key: &TestKey) -> Vec<String> {
    let response = get(server, key, "/v1/explanations?customer_id=c").await;
    assert_eq!(response.status(), 200);
    let page: Value = response.json().await.unwrap();
    let explanations = page["explanations"].as_array().unwrap().iter();
    let ids = explanations.map(|summary| summary["id"].as_str().unwrap().to_owned());
    ids.collect()
}

async fn same_customer_in_two_tenants_is_two_customers(stored: TestStore) {
    let north = TestKey::of_tenant("crm", "north", "explain+admin");
    let south = TestKey::of_tenant("crm", "south", "explain+admin");
    let plain = TestKey::make("crm", "explain+admin");
    let keys = [&north, &south, &plain];
    let server = start(&stored, &keys);
    let mut ids = Vec::new();
    for key in keys {
        let response = explain(&server, key, "").await;
        assert_eq!(response.status(), 201);
        ids.push(id_of(response).await);
    }
    for (owner, key) in keys.into_iter().enumerate() {
        assert_eq!(listed(&server, key).await, [ids[owner].clone()]);
        for (of, id) in ids.iter().enumerate() {
            let path = format!("/v1/explanations/{id}");
            let verify = ask_with_key(&server, Method::POST, &format!("{path}/verify"), key).await;
            let found = get(&server, key, &path).await;
            if of == owner {
                assert_eq!(found.status(), 200);
                assert_eq!(verify.status(), 200);
            } else {
                problem(found, 404).await;
                problem(verify, 404).await;
                let erased = ask_with_key(&server, Method::DELETE, &path, key).await;
                problem(erased, 404).await;
            }
        }
    }
    let erased = ask_with_key(&server, Method::DELETE, "/v1/customers/c", &south).await;
    let erased: Value = erased.json().await.unwrap();
    assert_eq!(erased, json!({"explanations": 1, "jobs": 0}));
    assert!(listed(&server, &south).await.is_empty());
    assert_eq!(listed(&server, &north).await, [ids[0].clone()]);
    assert_eq!(listed(&server, &plain).await, [ids[2].clone()]);
    stored.whole_audit();

    // Another server sees the same tenants, and one without keys only what belongs to none.
    drop(server);
    let server = start(&stored, &keys);
    assert_eq!(listed(&server, &north).await, [ids[0].clone()]);
    drop(server);
    let server = stored.start(&[]);
    let page = server.get_json("/v1/explanations?customer_id=c").await;
    assert_eq!(page["explanations"].as_array().unwrap().len(), 1);
    assert_eq!(page["explanations"][0]["id"], ids[2]);
}

async fn job_and_its_explanation_belong_to_its_tenant(stored: TestStore) {
    let north = TestKey::of_tenant("crm", "north", "explain");
    let south = TestKey::of_tenant("crm", "south", "admin");
    let server = start(&stored, &[&north, &south]);
    let response = explain(&server, &north, "respond-async").await;
    assert_eq!(response.status(), 202);
    let id = id_of(response).await;
    let job = format!("/v1/jobs/{id}");
    problem(get(&server, &south, &job).await, 404).await;
    let is_done = async || {
        let job: Value = get(&server, &north, &job).await.json().await.unwrap();
        assert_ne!(job["status"], "failed", "{job}");
        (job["status"] == "done").then_some(())
    };
    eventually("the job is done", is_done).await;
    let path = format!("/v1/explanations/{id}");
    assert_eq!(get(&server, &north, &path).await.status(), 200);
    for path in [&job, &path] {
        problem(get(&server, &south, path).await, 404).await;
    }
    assert_eq!(listed(&server, &north).await, [id]);
    assert!(listed(&server, &south).await.is_empty());
}

async fn key_with_scope_read_reads_and_makes_nothing(stored: TestStore) {
    let crm = TestKey::of_tenant("crm", "north", "explain");
    let desk = TestKey::of_tenant("desk", "north", "read");
    let server = start(&stored, &[&crm, &desk]);
    let id = id_of(explain(&server, &crm, "").await).await;
    let path = format!("/v1/explanations/{id}");
    assert_eq!(get(&server, &desk, &path).await.status(), 200);
    assert_eq!(listed(&server, &desk).await, [id]);
    problem(explain(&server, &desk, "").await, 403).await;
    for (method, path) in [
        (Method::DELETE, path.clone()),
        (Method::POST, format!("{path}/verify")),
        (Method::POST, "/v1/score".to_owned()),
    ] {
        problem(ask_with_key(&server, method, &path, &desk).await, 403).await;
    }
}

#[tokio::test]
async fn admin_of_a_tenant_has_no_power_over_the_server() {
    let north = TestKey::of_tenant("crm", "north", "admin");
    let operator = TestKey::make("operator", "admin");
    let server = start(&TestStore::sqlite(), &[&north, &operator]);
    for (method, path) in [
        (Method::POST, "/v1/admin/reload"),
        (Method::GET, "/metrics"),
        (Method::GET, "/v1/audit/head"),
    ] {
        let refused = ask_with_key(&server, method.clone(), path, &north).await;
        let refused = problem(refused, 403).await;
        let detail = refused["detail"].as_str().unwrap();
        assert!(detail.contains("without a tenant"), "{detail}");
        let allowed = ask_with_key(&server, method, path, &operator).await;
        assert_eq!(allowed.status(), 200);
    }
}

on_each_database! {
    same_customer_in_two_tenants_is_two_customers,
    job_and_its_explanation_belong_to_its_tenant,
    key_with_scope_read_reads_and_makes_nothing,
}
