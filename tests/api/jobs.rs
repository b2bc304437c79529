//! `Prefer: respond-async` and `/v1/jobs`: explanations that are computed later, whatever happens to the server.

use reqwest::Response;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::explain::lasting;
use crate::histories::{asking, example};
use crate::records::small;
use crate::server::{Server, problem};
use crate::stored::{
    Stored, delete, end, erase_customer, explain, kill, listed, of, on_each_database, until,
};

pub(crate) async fn queue(server: &Server, body: &Value) -> Response {
    let request = server
        .client
        .post(server.url("/v1/explain"))
        .header(CONTENT_TYPE, "application/json")
        .header("prefer", "respond-async");
    request.body(body.to_string()).send().await.unwrap()
}

/// Queues a job that must be taken; its id.
pub(crate) async fn queued(server: &Server, body: &Value) -> String {
    let response = queue(server, body).await;
    assert_eq!(response.status(), 202);
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    let job: Value = response.json().await.unwrap();
    let id = job["id"].as_str().unwrap();
    assert_eq!(location, format!("/v1/jobs/{id}"));
    let expected = json!({"id": id, "status": "queued", "explanation": null, "problem": null});
    assert_eq!(job, expected);
    id.to_owned()
}

pub(crate) async fn status(server: &Server, id: &str) -> String {
    let response = server.get(&format!("/v1/jobs/{id}")).await;
    assert_eq!(response.status(), 200);
    let asks_again = response.headers().contains_key("retry-after");
    let job: Value = response.json().await.unwrap();
    let status = job["status"].as_str().unwrap().to_owned();
    assert_eq!(
        asks_again,
        ["queued", "running"].contains(&&*status),
        "{job}"
    );
    assert_ne!(status, "failed", "{job}");
    status
}

pub(crate) async fn done(server: &Server, id: &str) {
    let is_done = async || (status(server, id).await == "done").then_some(());
    until("the job is done", is_done).await;
}

/// Keeps the thread of the jobs busy for a while.
pub(crate) fn heavy(customer_id: &str) -> Value {
    let options = json!({
        "level": "cell", "target": "state", "samples": 8192, "fidelity_target": 1.0,
    });
    of(customer_id, asking(example(), options))
}

#[tokio::test]
async fn a_job_becomes_the_explanation_that_would_have_been_answered() {
    let server = Server::start(&[]);
    let options = json!({"method": "sensitivity", "target": "state", "level": "cell"});
    let body = asking(example(), options);
    let at_once = explain(&server, &body).await;
    let response = queue(&server, &body).await;
    assert_eq!(response.status(), 202);
    assert_eq!(response.headers()["preference-applied"], "respond-async");
    let request_id = response.headers()["x-request-id"].clone();
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    let id = location.strip_prefix("/v1/jobs/").unwrap();
    done(&server, id).await;

    let job: Value = server.get(&location).await.json().await.unwrap();
    let address = format!("/v1/explanations/{id}");
    let expected = json!({"id": id, "status": "done", "explanation": address, "problem": null});
    assert_eq!(job, expected);
    let explanation: Value = server.get(&address).await.json().await.unwrap();
    assert_eq!(explanation["id"], id);
    assert_eq!(explanation["request_id"], request_id.to_str().unwrap());
    assert_eq!(lasting(explanation), lasting(at_once.document));
    let verified = server.post(&format!("{address}/verify"), "").await;
    assert_eq!(verified.status(), 200);

    // It goes with its explanation.
    assert_eq!(delete(&server, &address).await.status(), 204);
    problem(server.get(&location).await, 404).await;
}

async fn what_is_wrong_is_said_at_once_and_no_job_is_made(stored: Stored) {
    let server = stored.start(&[]);
    for (options, pointer) in [
        (json!({"target": "shoe-size"}), "/explain/target"),
        (json!({"language": "tlh"}), "/explain/language"),
        (json!({"samples": 8193}), "/explain/samples"),
    ] {
        let refused = problem(queue(&server, &asking(small(), options)).await, 422).await;
        assert_eq!(refused["errors"][0]["pointer"], pointer);
    }
    let mut history = small();
    history["transactions"][1]["amount"] = "much".into();
    let response = queue(&server, &history).await;
    assert!(!response.headers().contains_key("location"));
    let refused = problem(response, 422).await;
    assert_eq!(refused["errors"][0]["pointer"], "/transactions/1/amount");
    problem(queue(&server, &Value::Null).await, 422).await;
    assert_eq!(stored.value::<i64>("SELECT count(*) FROM jobs").await, 0);
}

async fn jobs_outlive_their_server_and_each_is_done_once(stored: Stored) {
    // A later server of this name takes back at once what an earlier one left.
    let name = ["--instance", "first"];
    let server = stored.start(&name);
    let mut jobs = Vec::new();
    for _ in 0..24 {
        jobs.push(queued(&server, &heavy("patient")).await);
    }
    let last = jobs.last().unwrap();
    assert_eq!(status(&server, last).await, "queued");
    kill(server);

    // The next server does not get to the end either, though it ends in peace.
    let server = stored.start(&name);
    done(&server, &jobs[1]).await;
    let is_last_queued = status(&server, last).await == "queued";
    end(server);
    assert!(is_last_queued, "the jobs are too small for this test");

    let server = stored.start(&name);
    for id in &jobs {
        done(&server, id).await;
    }
    // One after the other, in the order in which they came.
    let mut found = listed(&server, "patient").await;
    found.reverse();
    assert_eq!(found, jobs);
    let audit = stored.whole();
    assert_eq!([&audit["entries"], &audit["explanations"]], [24, 24]);
}

async fn a_job_that_cannot_be_computed_says_why_and_holds_up_nobody(stored: Stored) {
    let name = ["--instance", "first"];
    let server = stored.start(&name);
    // Nobody gets to the second one before the server ends: four are in its way.
    let mut jobs = Vec::new();
    for _ in 0..4 {
        jobs.push(queued(&server, &heavy("first")).await);
    }
    let failing = queued(&server, &of("second", small())).await;
    jobs.push(queued(&server, &small()).await);
    kill(server);
    let change = "UPDATE job_contents SET request = ? WHERE number = 5";
    stored.change(change, b"id\n{\"secret\": 1}").await;

    let server = stored.start(&name);
    for id in &jobs {
        done(&server, id).await;
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

    // It is the customer's all the same.
    let counts = erase_customer(&server, "second").await;
    assert_eq!(counts, json!({"explanations": 0, "jobs": 1}));
    let address = format!("/v1/jobs/{failing}");
    problem(server.get(&address).await, 404).await;
}

#[tokio::test]
async fn a_full_queue_of_jobs_is_answered_with_503_and_when_to_come_back() {
    let server = Server::start(&["--job-queue", "1"]);
    let (body, mut jobs, mut refused) = (heavy("many"), Vec::new(), 0);
    // One may run and one may wait; the others come while the first is computed.
    for response in futures_util::future::join_all((0..8).map(|_| queue(&server, &body))).await {
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
        done(&server, id).await;
    }
    // There is room again, and what was refused was never queued.
    jobs.push(queued(&server, &body).await);
    done(&server, jobs.last().unwrap()).await;
    let mut found = listed(&server, "many").await;
    found.sort_unstable();
    jobs.sort_unstable();
    assert_eq!(found, jobs);
}

on_each_database! {
    what_is_wrong_is_said_at_once_and_no_job_is_made,
    jobs_outlive_their_server_and_each_is_done_once,
    a_job_that_cannot_be_computed_says_why_and_holds_up_nobody,
}
