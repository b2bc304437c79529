//! Kept customers that are erased for their age, and what comes for a customer after its erasure.

use serde_json::{Value, json};

use test_support::client::{ApiClient, problem};
use test_support::command::microseg;
use test_support::explanations::list;
use test_support::histories::{small_history, transaction, with_customer};
use test_support::keys::{TestKey, key_file};
use test_support::ndjson::ndjson_request;
use test_support::on_each_database;
use test_support::store::TestStore;
use test_support::wait::eventually;

/// Makes the last transactions of a customer as old as 40 days.
const AGE: &str = "UPDATE customers SET changed_at = changed_at - 3456000000 WHERE number IN \
    (SELECT number FROM customer_contents WHERE customer_id LIKE 'old%')";

/// The body of a request with one transaction.
fn body_of(transaction: &Value) -> Value {
    json!({"transactions": [transaction]})
}

async fn append(server: &ApiClient, customer_id: &str) -> Value {
    let mut one = transaction("2019-03-01", -5.0, "rent");
    one["id"] = "t".into();
    let path = format!("/v1/customers/{customer_id}/transactions");
    server.ask(&path, &body_of(&one), 200).await
}

async fn customers(server: &ApiClient) -> Vec<String> {
    let all = server.get_json("/v1/customers").await["customers"].clone();
    let names = all.as_array().unwrap().iter();
    names
        .map(|one| one["customer_id"].as_str().unwrap().to_owned())
        .collect()
}

/// `microseg retention` of customers: its text and its exit code.
fn retention(stored: &TestStore, more: &[&str]) -> (String, Option<i32>) {
    let mut command = microseg();
    command.args(["retention", "--store", &stored.url()]);
    command.args(["--customer-retention-days", "30"]).args(more);
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    (text, output.status.code())
}

async fn customers_without_new_transactions_are_erased_with_a_limit(stored: TestStore) {
    let server = stored.start(&[]);
    for name in ["old-1", "old-2", "young"] {
        append(&server, name).await;
    }
    let explained = with_customer("old-1", small_history());
    server.ask("/v1/explain", &explained, 201).await;
    server.kill();
    stored.execute(AGE, None).await;

    // Two of three are more than half of them.
    let days = ["--customer-retention-days", "30"];
    let server = stored.start(&days);
    server.await_event("nothing is erased for its age until `microseg retention --confirm`");
    assert_eq!(customers(&server).await.len(), 3);
    let (text, code) = retention(&stored, &[]);
    assert!(
        text.contains("2 of 3 customers are too old") && code == Some(1),
        "{text}"
    );
    // Something is added to one of them: it is young again.
    let path = "/v1/customers/old-2/transactions";
    let mut one = transaction("2019-03-02", -6.0, "rent");
    one["id"] = "u".into();
    server.ask(path, &body_of(&one), 200).await;
    server.kill();

    let server = stored.start(&days);
    eventually("the old customer is erased", async || {
        (customers(&server).await == ["old-2", "young"]).then_some(())
    })
    .await;
    problem(server.get("/v1/customers/old-1").await, 404).await;
    let left = "SELECT count(*) FROM kept_transactions";
    assert_eq!(stored.count(left).await, 3);
    // Explanations have a retention of their own.
    assert_eq!(list(&server, "old-1").await.len(), 1);
    append(&server, "old-1").await;

    stored.execute(AGE, None).await;
    assert_eq!(retention(&stored, &[]).1, Some(1));
    let (text, code) = retention(&stored, &["--confirm"]);
    assert!(
        text.contains("2 customers were erased") && code == Some(0),
        "{text}"
    );
    assert_eq!(customers(&server).await, ["young"]);
}

async fn customers_stay_while_the_clock_is_in_doubt(stored: TestStore) {
    let server = stored.start(&[
        "--customer-retention-days",
        "30",
        "--retention-days",
        "1000",
    ]);
    for name in ["old", "young", "younger"] {
        append(&server, name).await;
    }
    let noted = "SELECT count(*) FROM retention_clock";
    eventually("the clock is noted", async || {
        (stored.count(noted).await == 1).then_some(())
    })
    .await;
    server.kill();
    stored.execute(AGE, None).await;
    // As if the clock had jumped by eight days since it was noted.
    let jump = "UPDATE retention_clock SET noted_at = noted_at - 691200000";
    stored.execute(jump, None).await;
    let days = [
        "--customer-retention-days",
        "30",
        "--keep-transactions",
        "30",
    ];
    let server = stored.start(&days);
    server.await_events(&[
        "nothing is erased for its age until `microseg retention --confirm`",
        "no transaction is folded for its age while the clock is in doubt",
    ]);
    assert_eq!(customers(&server).await.len(), 3);
    assert_eq!(
        stored.count("SELECT count(*) FROM kept_transactions").await,
        3
    );
}

async fn transactions_after_an_erasure_are_refused_where_that_is_set(stored: TestStore) {
    let refusing = ["--appends-after-erasure", "refuse"];
    let tenants = ["north", "south"].map(|tenant| TestKey::of_tenant("crm", tenant, "write+admin"));
    let file = key_file(tenants.each_ref().map(|key| &*key.entry));
    let server = stored.start(&refusing);
    append(&server, "c-1").await;
    append(&server, "c-2").await;
    server.delete("/v1/customers/c-1").await;
    // Also one of whom nothing is kept yet.
    server.delete("/v1/customers/c-3").await;
    let mut one = transaction("2019-03-01", -5.0, "rent");
    one["id"] = "t".into();
    for name in ["c-1", "c-3"] {
        let path = format!("/v1/customers/{name}/transactions");
        let body = body_of(&one).to_string();
        let refused = problem(server.post(&path, body).await, 410).await;
        assert_eq!(refused["type"], "urn:microseg:problem:customer-erased");
    }
    let line = |customer: &str| {
        let mut line = one.clone();
        line["customer_id"] = customer.into();
        line.to_string()
    };
    let lines = [line("c-1"), line("c-4")].join("\n");
    let answer = ndjson_request(&server, "/v1/transactions", lines)
        .send()
        .await;
    let answer = answer.unwrap().text().await.unwrap();
    let answers: Vec<Value> = answer
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        (&answers[0]["status"], &answers[1]["id"]),
        (&json!(410), &json!("t"))
    );
    assert_eq!(customers(&server).await, ["c-2", "c-4"]);
    let metrics = server.get("/metrics").await.text().await.unwrap();
    assert!(
        metrics.contains("microseg_appends_refused_after_erasure_total 3\n"),
        "{metrics}"
    );
    assert!(
        metrics.contains("microseg_appended_transactions_total{outcome=\"added\"} 3\n"),
        "{metrics}"
    );
    assert!(
        metrics.contains("microseg_append_age_seconds "),
        "{metrics}"
    );
    assert_eq!(
        stored.count("SELECT count(*) FROM erased_customers").await,
        2
    );
    server.kill();

    // A customer of a tenant is another one under the same name.
    let keys = ["--api-keys-file", file.path().to_str().unwrap()];
    let server = stored.start(&[&refusing[..], &keys].concat());
    for key in &tenants {
        let body = body_of(&one).to_string();
        let request = server.post_as("/v1/customers/c-1/transactions", "application/json", body);
        let response = request.bearer_auth(&key.key).send().await.unwrap();
        assert_eq!(response.status(), 200);
    }
    server.kill();

    // The other setting, and then the first one again.
    let server = stored.start(&[]);
    assert_eq!(append(&server, "c-1").await["position"], 1);
    server.kill();
    let server = stored.start(&refusing);
    assert_eq!(append(&server, "c-1").await["duplicates"], 1);
    assert_eq!(
        stored.count("SELECT count(*) FROM erased_customers").await,
        1
    );
}

on_each_database! {
    customers_without_new_transactions_are_erased_with_a_limit,
    customers_stay_while_the_clock_is_in_doubt,
    transactions_after_an_erasure_are_refused_where_that_is_set,
}
