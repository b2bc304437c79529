//! Database faults under a running server: no explanation without its record, and no record lost.

use test_support::client::problem;
use test_support::explanations::explain;
use test_support::histories::{example, small_history, with_customer};
use test_support::jobs::{await_done, queue_job};
use test_support::on_each_database;
use test_support::store::TestStore;
use test_support::wait::eventually;

/// Renames a table, so that the server does not find it.
async fn rename(stored: &TestStore, from: &str, to: &str) {
    let statement = format!("ALTER TABLE {from} RENAME TO {to}");
    stored.execute(&statement, None).await;
}

async fn failing_store_answers_503_and_loses_nothing(stored: TestStore) {
    let server = stored.start(&[]);
    let customer_id = "Zmizelý 1948";
    let given = explain(&server, &with_customer(customer_id, small_history())).await;
    let path = format!("/v1/explanations/{}", given.id);
    rename(&stored, "contents", "elsewhere").await;
    let body = with_customer(customer_id, small_history()).to_string();
    for response in [
        server.post("/v1/explain", body).await,
        server.get(&path).await,
        server.get("/v1/explanations?customer_id=c-1").await,
        server.post(&format!("{path}/verify"), "").await,
        server.delete(&path).await,
        server.delete("/v1/customers/c-1").await,
    ] {
        assert_eq!(response.headers()["retry-after"], "1");
        let unavailable = problem(response, 503).await;
        assert_eq!(
            unavailable["type"],
            "urn:microseg:problem:store-unavailable"
        );
        // The message of the database is only in the log.
        assert!(!unavailable.to_string().contains("contents"));
    }
    // The log arrives through a pipe and may be later than the answers.
    let message = match stored {
        TestStore::Sqlite(_) => "no such table",
        TestStore::Postgres(_) => "does not exist",
    };
    let logged = async || server.log().contains(message).then_some(());
    eventually("the message of the database is in the log", logged).await;
    assert!(!server.log().contains("Zmizelý"));
    // Scoring needs no record.
    server.ask("/v1/score", &example(), 200).await;

    rename(&stored, "elsewhere", "contents").await;
    let found = server.get(&path).await;
    assert_eq!(found.bytes().await.unwrap(), given.bytes);
    let next = explain(&server, &small_history()).await;
    assert_eq!(
        next.document["previous_sha256"],
        given.document["record_sha256"]
    );
    assert_eq!(stored.whole_audit()["entries"], 2);
}

async fn job_is_done_after_the_store_recovers(stored: TestStore) {
    let server = stored.start(&[]);
    rename(&stored, "contents", "elsewhere").await;
    let id = queue_job(&server, &small_history()).await;
    let is_met = async || {
        let log = server.log();
        log.contains("nothing could be written").then_some(())
    };
    eventually("the job meets the fault", is_met).await;
    rename(&stored, "elsewhere", "contents").await;
    await_done(&server, &id).await;
    let path = format!("/v1/explanations/{id}");
    assert_eq!(server.get(&path).await.status(), 200);
    assert_eq!(stored.whole_audit()["explanations"], 1);
}

on_each_database! {
    failing_store_answers_503_and_loses_nothing,
    job_is_done_after_the_store_recovers,
}
