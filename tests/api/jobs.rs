//! Explanations as jobs: `Prefer: respond-async` and `/v1/jobs`, also across the end of a server.

use serde_json::{Value, json};

use test_support::client::problem;
use test_support::explanations::{erase_customer, explain, list, reproducible};
use test_support::histories::{example, slow_history, small_history, with_customer, with_options};
use test_support::jobs::{await_done, job_status, queue_job, request_job};
use test_support::on_each_database;
use test_support::server::Server;
use test_support::store::TestStore;

#[tokio::test]
async fn job_gives_the_explanation_of_the_synchronous_request() {
    let server = Server::start(&[]);
    let options = json!({"method": "sensitivity", "target": "state", "level": "cell"});
    let body = with_options(example(), options);
    let at_once = explain(&server, &body).await;
    let response = request_job(&server, &body).await;
    assert_eq!(response.status(), 202);
    assert_eq!(response.headers()["preference-applied"], "respond-async");
    let request_id = response.headers()["x-request-id"].clone();
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    let id = location.strip_prefix("/v1/jobs/").unwrap();
    await_done(&server, id).await;

    let job: Value = server.get(&location).await.json().await.unwrap();
    let path = format!("/v1/explanations/{id}");
    let expected = json!({"id": id, "status": "done", "explanation": path, "problem": null});
    assert_eq!(job, expected);
    let explanation: Value = server.get(&path).await.json().await.unwrap();
    assert_eq!(explanation["id"], id);
    assert_eq!(explanation["request_id"], request_id.to_str().unwrap());
    assert_eq!(reproducible(explanation), reproducible(at_once.document));
    let verified = server.post(&format!("{path}/verify"), "").await;
    assert_eq!(verified.status(), 200);

    // The job is erased with its explanation.
    assert_eq!(server.delete(&path).await.status(), 204);
    problem(server.get(&location).await, 404).await;
}

async fn invalid_request_is_refused_and_queues_no_job(stored: TestStore) {
    let server = stored.start(&[]);
    for (options, pointer) in [
        (json!({"target": "shoe-size"}), "/explain/target"),
        (json!({"language": "tlh"}), "/explain/language"),
        (json!({"samples": 8193}), "/explain/samples"),
    ] {
        let refused = problem(
            request_job(&server, &with_options(small_history(), options)).await,
            422,
        )
        .await;
        assert_eq!(refused["errors"][0]["pointer"], pointer);
    }
    let mut history = small_history();
    history["transactions"][1]["amount"] = "much".into();
    let response = request_job(&server, &history).await;
    assert!(!response.headers().contains_key("location"));
    let refused = problem(response, 422).await;
    assert_eq!(refused["errors"][0]["pointer"], "/transactions/1/amount");
    problem(request_job(&server, &Value::Null).await, 422).await;
    assert_eq!(stored.count("SELECT count(*) FROM jobs").await, 0);
}

async fn jobs_outlive_their_server_and_are_done_once(stored: TestStore) {
    // A later server with this name takes back at once the jobs that an earlier one left.
    let name = ["--instance", "first"];
    let server = stored.start(&name);
    let mut jobs = Vec::new();
    for _ in 0..24 {
        jobs.push(queue_job(&server, &slow_history("patient")).await);
    }
    let last = jobs.last().unwrap();
    assert_eq!(job_status(&server, last).await, "queued");
    server.kill();

    // The next server does not finish all jobs either; it is ended by SIGTERM.
    let server = stored.start(&name);
    await_done(&server, &jobs[1]).await;
    let is_last_queued = job_status(&server, last).await == "queued";
    server.end();
    assert!(is_last_queued, "the jobs are too small for this test");

    let server = stored.start(&name);
    for id in &jobs {
        await_done(&server, id).await;
    }
    // One after the other, in the order of the requests.
    let mut found = list(&server, "patient").await;
    found.reverse();
    assert_eq!(found, jobs);
    let audit = stored.whole_audit();
    assert_eq!([&audit["entries"], &audit["explanations"]], [24, 24]);
}

async fn failing_job_has_its_problem_and_delays_no_other(stored: TestStore) {
    let name = ["--instance", "first"];
    let server = stored.start(&name);
    // The failing job does not start before the server ends: four slow ones are before it.
    let mut jobs = Vec::new();
    for _ in 0..4 {
        jobs.push(queue_job(&server, &slow_history("first")).await);
    }
    let failing = queue_job(&server, &with_customer("second", small_history())).await;
    jobs.push(queue_job(&server, &small_history()).await);
    server.kill();
    let change = "UPDATE job_contents SET request = ? WHERE number = 5";
    stored.change(change, b"id\n{\"secret\": 1}").await;

    let server = stored.start(&name);
    for id in &jobs {
        await_done(&server, id).await;
    }
    let response = server.get(&format!("/v1/jobs/{failing}")).await;
    assert!(!response.headers().contains_key("retry-after"));
    let job: Value = response.json().await.unwrap();
    assert_eq!([&job["id"], &job["status"]], [&*failing, "failed"]);
    assert_eq!(job["explanation"], Value::Null);
    assert_eq!(job["problem"]["status"], 422, "{job}");
    assert!(!server.log().contains("secret"), "{}", server.log());
    let address = format!("/v1/explanations/{failing}");
    problem(server.get(&address).await, 404).await;

    // The failed job is erased with its customer.
    let counts = erase_customer(&server, "second").await;
    assert_eq!(counts, json!({"explanations": 0, "jobs": 1}));
    let address = format!("/v1/jobs/{failing}");
    problem(server.get(&address).await, 404).await;
}

#[tokio::test]
async fn full_job_queue_answers_503_with_retry_after() {
    let server = Server::start(&["--job-queue", "1"]);
    let (body, mut jobs, mut refused) = (slow_history("many"), Vec::new(), 0);
    // One may run and one may wait; the others arrive while the first is computed.
    for response in
        futures_util::future::join_all((0..8).map(|_| request_job(&server, &body))).await
    {
        if response.status() == 202 {
            let job: Value = response.json().await.unwrap();
            jobs.push(job["id"].as_str().unwrap().to_owned());
            continue;
        }
        assert_eq!(response.headers()["retry-after"], "1");
        let busy = problem(response, 503).await;
        assert_eq!(busy["type"], "urn:microseg:problem:busy");
        refused += 1;
    }
    assert!(!jobs.is_empty() && refused > 0, "{} taken", jobs.len());
    for id in &jobs {
        await_done(&server, id).await;
    }
    // The queue has room again, and refused requests were never queued.
    jobs.push(queue_job(&server, &body).await);
    await_done(&server, jobs.last().unwrap()).await;
    let mut found = list(&server, "many").await;
    found.sort_unstable();
    jobs.sort_unstable();
    assert_eq!(found, jobs);
}

on_each_database! {
    invalid_request_is_refused_and_queues_no_job,
    jobs_outlive_their_server_and_are_done_once,
    failing_job_has_its_problem_and_delays_no_other,
}
