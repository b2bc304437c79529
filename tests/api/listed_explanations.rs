//! `GET /v1/explanations`: the filters of a customer's list.

use serde_json::{Value, json};

use test_support::client::problem;
use test_support::explanations::explain;
use test_support::histories::{history, small_history, transaction, with_options};
use test_support::on_each_database;
use test_support::store::TestStore;

on_each_database!(filters_leave_out_what_does_not_match_over_pages);

/// Records four explanations of `c-1`: the second and the last have nothing to explain.
async fn filters_leave_out_what_does_not_match_over_pages(stored: TestStore) {
    let server = stored.start(&[]);
    let alone = with_options(
        history(&[transaction("2020-01-01", -10.0, "rent")]),
        json!({"samples": 32}),
    );
    let mut ids = Vec::new();
    for document in [small_history(), alone.clone(), small_history(), alone] {
        ids.push(explain(&server, &document).await.id);
    }
    let list = async |filter: &str| {
        let path = format!("/v1/explanations?customer_id=c-1{filter}");
        server.get_json(&path).await
    };
    let listed = |page: &Value| -> Vec<String> {
        let all = page["explanations"].as_array().unwrap().iter();
        all.map(|one| one["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let nothing = "&verdict=nothing_to_explain";
    assert_eq!(listed(&list(nothing).await), [&*ids[3], &*ids[1]]);
    // A page of one each: what does not match lies between them.
    let first = list(&format!("{nothing}&limit=1")).await;
    assert_eq!(listed(&first), [&*ids[3]]);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = list(&format!("{nothing}&limit=1&cursor={cursor}")).await;
    assert_eq!(listed(&second), [&*ids[1]]);

    for (filter, count) in [
        ("&model=spending-personality", 4),
        ("&model=another", 0),
        ("&from=2000-01-01&until=2199-01-01", 4),
        ("&until=2000-01-01T00:00:00Z", 0),
        ("&from=2199-01-01", 0),
        ("&verdict=nothing_to_explain&model=another", 0),
    ] {
        assert_eq!(listed(&list(filter).await).len(), count, "{filter}");
    }
    for (filter, parameter) in [
        ("&verdict=splendid", "verdict"),
        ("&from=yesterday", "from"),
        ("&until=", "until"),
    ] {
        let path = format!("/v1/explanations?customer_id=c-1{filter}");
        let refused = problem(server.get(&path).await, 422).await;
        assert!(
            refused["detail"].as_str().unwrap().contains(parameter),
            "{filter}"
        );
    }
    server.end();
}
