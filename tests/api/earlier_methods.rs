//! Records of the first version of the methods: each is computed again by the code of its version.

use serde_json::Value;

use test_support::client::problem;
use test_support::explanations::list;
use test_support::store::TestStore;

/// Twenty records: four methods, three levels, traits, a state and the margin of a micro-segment.
const RECORDS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/data/records-methods-1.sqlite"
);

/// The rounding of other processors.
const ROUNDING: f64 = 1e-4;

/// Whether two values of a record differ only as another processor rounds.
fn is_rounding(difference: &Value) -> bool {
    let numbers = [&difference["recorded"], &difference["computed"]].map(Value::as_f64);
    matches!(numbers, [Some(one), Some(other)] if (one - other).abs() < ROUNDING)
}

#[tokio::test]
async fn record_of_the_first_version_is_verified_by_the_code_of_its_version() {
    let stored = TestStore::sqlite();
    let TestStore::Sqlite(folder) = &stored else {
        panic!("a store in a folder");
    };
    std::fs::copy(RECORDS, folder.path().join("records.db")).unwrap();
    let server = stored.start(&[]);
    let mut verified = 0;
    for customer in ["c-0", "c-1", "c-2"] {
        for id in list(&server, customer).await {
            let record = server.get_json(&format!("/v1/explanations/{id}")).await;
            assert_eq!(record["schema_version"], "1");
            assert!(record["method"].get("version").is_none());
            let path = format!("/v1/explanations/{id}/verify");
            let response = server.post(&path, "").await;
            if response.status() == 409 {
                let refused = problem(response, 409).await;
                let differences = refused["differences"].as_array().unwrap();
                assert!(differences.iter().all(is_rounding), "{refused}");
            } else {
                assert_eq!(response.status(), 200);
            }
            verified += 1;
        }
    }
    assert_eq!(verified, 20);
    server.end();
}

#[tokio::test]
async fn record_of_a_later_version_is_not_computed_and_says_why() {
    let stored = TestStore::sqlite();
    let server = stored.start(&[]);
    let given =
        test_support::explanations::explain(&server, &test_support::histories::small_history())
            .await;
    let text = String::from_utf8(given.bytes.clone()).unwrap();
    let changed = text.replacen(r#""version":2,"#, r#""version":9,"#, 1);
    assert_ne!(changed, text);
    let change = "UPDATE contents SET document = ?";
    stored.change(change, changed.as_bytes()).await;
    let refused = problem(
        server.post(&format!("{}/verify", given.path()), "").await,
        409,
    )
    .await;
    let difference = &refused["differences"][0];
    assert_eq!(difference["pointer"], "/method/version");
    assert_eq!(difference["recorded"], 9);
    server.end();
}
