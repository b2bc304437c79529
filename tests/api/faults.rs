//! A database that fails under a running server: nothing is said that was not recorded, and nothing is lost.

use crate::histories::example;
use crate::jobs::{done, queued};
use crate::records::small;
use crate::server::problem;
use crate::stored::{Stored, delete, explain, of, on_each_database, until};

/// Takes a table away from the server, or gives it back.
async fn rename(stored: &Stored, from: &str, to: &str) {
    let statement = format!("ALTER TABLE {from} RENAME TO {to}");
    stored.execute(&statement, None).await;
}

async fn without_a_record_there_is_no_explanation(stored: Stored) {
    let server = stored.start(&[]);
    let customer_id = "Zmizelý 1948";
    let given = explain(&server, &of(customer_id, small())).await;
    let path = format!("/v1/explanations/{}", given.id);
    rename(&stored, "contents", "elsewhere").await;
    let body = of(customer_id, small()).to_string();
    for response in [
        server.post("/v1/explain", body).await,
        server.get(&path).await,
        server.get("/v1/explanations?customer_id=c-1").await,
        server.post(&format!("{path}/verify"), "").await,
        delete(&server, &path).await,
        delete(&server, "/v1/customers/c-1").await,
    ] {
        assert_eq!(response.headers()["retry-after"], "1");
        let unavailable = problem(response, 503).await;
        assert_eq!(
            unavailable["type"],
            "urn:microseg:problem:store-unavailable"
        );
        // What the database says is for the log.
        assert!(!unavailable.to_string().contains("contents"));
    }
    // The log comes through a pipe of its own: it may lag behind the answers.
    let said = match stored {
        Stored::Sqlite(_) => "no such table",
        Stored::Postgres(_) => "does not exist",
    };
    let logged = async || server.log().contains(said).then_some(());
    until("the log says what the database said", logged).await;
    assert!(!server.log().contains("Zmizelý"));
    // Who needs no record is answered.
    server.ask("/v1/score", &example(), 200).await;

    rename(&stored, "elsewhere", "contents").await;
    let found = server.get(&path).await;
    assert_eq!(found.bytes().await.unwrap(), given.bytes);
    let next = explain(&server, &small()).await;
    assert_eq!(
        next.document["previous_sha256"],
        given.document["record_sha256"]
    );
    assert_eq!(stored.whole()["entries"], 2);
}

async fn a_job_waits_for_a_database_that_comes_back(stored: Stored) {
    let server = stored.start(&[]);
    rename(&stored, "contents", "elsewhere").await;
    let id = queued(&server, &small()).await;
    let met = async || {
        let log = server.log();
        log.contains("nothing could be written").then_some(())
    };
    until("the job meets the fault", met).await;
    rename(&stored, "elsewhere", "contents").await;
    done(&server, &id).await;
    let path = format!("/v1/explanations/{id}");
    assert_eq!(server.get(&path).await.status(), 200);
    assert_eq!(stored.whole()["explanations"], 1);
}

on_each_database! {
    without_a_record_there_is_no_explanation,
    a_job_waits_for_a_database_that_comes_back,
}
