//! Instances of KServe's `:explain` as jobs: one for each, all queued or none.

use reqwest::Response;
use serde_json::{Value, json};

use test_support::client::{ApiClient, problem};
use test_support::explanations::{explain, reproducible};
use test_support::histories::{example, slow_history, small_history, with_customer, with_options};
use test_support::jobs::{await_done, await_started, queue_job};
use test_support::keys::{TestKey, ask_with_key, key_file};
use test_support::on_each_database;
use test_support::store::TestStore;

const EXPLAIN: &str = "/v1/models/spending-personality:explain";
const COUNT: &str = "SELECT count(*) FROM jobs";

/// The answer to a request for a job for each instance.
async fn request_jobs(server: &ApiClient, instances: &[Value]) -> Response {
    let body = json!({"instances": instances}).to_string();
    let request = server.post_as(EXPLAIN, "application/json", body);
    let request = request.header("prefer", "respond-async");
    request.send().await.unwrap()
}

/// The ids of the jobs in an answer, which are all queued.
async fn queued(response: Response) -> Vec<String> {
    assert_eq!(response.status(), 202);
    assert_eq!(response.headers()["preference-applied"], "respond-async");
    let answer: Value = response.json().await.unwrap();
    let jobs = answer["jobs"].as_array().unwrap();
    let ids = jobs.iter().map(|job| {
        let id = job["id"].as_str().unwrap();
        let expected = json!({"id": id, "status": "queued", "explanation": null, "problem": null});
        assert_eq!(job, &expected);
        id.to_owned()
    });
    let ids: Vec<String> = ids.collect();
    assert_eq!(answer, json!({"jobs": jobs}));
    ids
}

async fn each_instance_becomes_a_job_with_its_explanation(stored: TestStore) {
    let server = stored.start(&["--keep-input", "history"]);
    let options = json!({"method": "sensitivity", "target": "state", "level": "cell"});
    let instances = [
        with_customer("first", small_history()),
        with_options(example(), options),
        with_customer("third", small_history()),
    ];
    let response = request_jobs(&server, &instances).await;
    let request_id = response.headers()["x-request-id"].clone();
    let ids = queued(response).await;
    assert_eq!(ids.len(), instances.len());
    for (id, instance) in ids.iter().zip(&instances) {
        await_done(&server, id).await;
        let path = format!("/v1/explanations/{id}");
        let explanation = server.get_json(&path).await;
        assert_eq!(explanation["id"], **id);
        assert_eq!(explanation["request_id"], request_id.to_str().unwrap());
        let at_once = explain(&server, instance).await;
        assert_eq!(reproducible(explanation), reproducible(at_once.document));
        // What was kept is the instance alone.
        let verified = server.post(&format!("{path}/verify"), "").await;
        assert_eq!(verified.status(), 200);
    }
    assert!(queued(request_jobs(&server, &[]).await).await.is_empty());
    stored.whole_audit();
}

async fn full_queue_takes_all_instances_or_none(stored: TestStore) {
    let server = stored.start(&["--job-queue", "3", "--caller-share", "100"]);
    // One job runs for longer than this test, and two wait.
    let running = queue_job(&server, &slow_history("slow")).await;
    await_started(&server, &running).await;
    for _ in 0..2 {
        queue_job(&server, &slow_history("slow")).await;
    }
    let instances = vec![small_history(); 4];
    let refused = request_jobs(&server, &instances[..2]).await;
    assert_eq!(refused.headers()["retry-after"], "1");
    assert!(!refused.headers().contains_key("preference-applied"));
    let refused = problem(refused, 503).await;
    assert_eq!(refused["type"], "urn:microseg:problem:busy");
    assert_eq!(stored.count(COUNT).await, 3);
    // More than can ever wait are the caller's fault.
    let refused = problem(request_jobs(&server, &instances).await, 422).await;
    assert_eq!(refused["errors"][0]["pointer"], "/instances");
    let detail = refused["detail"].as_str().unwrap();
    assert!(
        detail.contains("at most 3") && detail.contains("job_queue"),
        "{detail}"
    );
    assert_eq!(stored.count(COUNT).await, 3);
    assert_eq!(
        queued(request_jobs(&server, &instances[..1]).await)
            .await
            .len(),
        1
    );
    assert_eq!(stored.count(COUNT).await, 4);
}

async fn bad_third_instance_queues_none(stored: TestStore) {
    let server = stored.start(&[]);
    let mut misspelt = small_history();
    misspelt["transactions"][1]["amount"] = "much".into();
    let unknown = with_options(small_history(), json!({"target": "shoe-size"}));
    for bad in [misspelt, unknown, json!([]), Value::Null] {
        let instances = [small_history(), small_history(), bad];
        let refused = problem(request_jobs(&server, &instances).await, 422).await;
        let body = json!({"instances": instances}).to_string();
        let at_once = problem(server.post(EXPLAIN, body).await, 422).await;
        for member in ["type", "detail", "errors"] {
            assert_eq!(refused[member], at_once[member], "{refused}");
        }
    }
    assert_eq!(stored.count(COUNT).await, 0);
}

async fn jobs_of_instances_belong_to_their_tenant(stored: TestStore) {
    let north = TestKey::of_tenant("crm", "north", "explain");
    let south = TestKey::of_tenant("crm", "south", "admin");
    let file = key_file([&*north.entry, &*south.entry]);
    let server = stored.start(&["--api-keys-file", file.path().to_str().unwrap()]);
    let body = json!({"instances": [small_history(), small_history()]}).to_string();
    let request = server.post_as(EXPLAIN, "application/json", body);
    let request = request
        .header("prefer", "respond-async")
        .bearer_auth(&north.key);
    let ids = queued(request.send().await.unwrap()).await;
    assert_eq!(ids.len(), 2);
    for id in ids {
        let path = format!("/v1/jobs/{id}");
        let asked = |key| ask_with_key(&server, reqwest::Method::GET, &path, key);
        problem(asked(&south).await, 404).await;
        assert_eq!(asked(&north).await.status(), 200);
    }
}

on_each_database! {
    each_instance_becomes_a_job_with_its_explanation,
    full_queue_takes_all_instances_or_none,
    bad_third_instance_queues_none,
    jobs_of_instances_belong_to_their_tenant,
}
