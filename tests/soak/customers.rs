//! Customers of the service: scorings and probes, which must go on whatever attackers do.

use std::time::Duration;

use test_support::client::ApiClient;
use test_support::histories::example;
use test_support::server::Server;
use tokio::time::Instant;

/// What was answered.
#[derive(Default)]
pub(crate) struct Served {
    pub(crate) scorings: usize,
    pub(crate) probes: usize,
    pub(crate) slowest: Duration,
}

/// Scores and probes until `end`. A scoring is 200 with the same bytes each time, or 503 where all places are taken; a
/// probe is always 200.
pub(crate) async fn be_served(server: &Server, end: Instant) -> Served {
    let client = ApiClient::new(server.address());
    let body = example().to_string();
    let first = client.post("/v1/score", body.clone()).await;
    let expected = first.bytes().await.unwrap();
    let mut total = Served::default();
    while Instant::now() < end {
        let begun = Instant::now();
        let scored = client.post("/v1/score", body.clone()).await;
        match scored.status().as_u16() {
            200 => {
                assert_eq!(scored.bytes().await.unwrap(), expected);
                total.scorings += 1;
            }
            status => assert_eq!(status, 503, "{}", scored.text().await.unwrap()),
        }
        let probe = client.get("/health/live").await;
        assert_eq!(probe.status(), 200);
        total.probes += 1;
        total.slowest = total.slowest.max(begun.elapsed());
    }
    total
}
