//! SIGKILL during explanations and erasures: acknowledged changes survive, and the chain is whole.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::time::timeout;

use test_support::explanations::list;
use test_support::histories::{small_history, with_customer, with_options};
use test_support::on_each_database;
use test_support::server::Server;
use test_support::store::TestStore;
use test_support::wait::TIME_LIMIT;

/// How often the server is killed, unless `MICROSEG_CRASH_ROUNDS` has another number.
const ROUNDS: usize = 10;

/// How many clients send requests at the same time.
const CLIENTS: usize = 4;

/// The acknowledged state of an explanation, which must hold from then on.
enum Acknowledged {
    /// Recorded, with its bytes if they arrived before the kill.
    Recorded(Option<Vec<u8>>),
    /// Erased.
    Erased,
    /// Its erasure was requested and not answered: recorded or erased.
    Unknown,
}

/// The acknowledged states by the explanations' paths.
type States = BTreeMap<String, Acknowledged>;

/// Requests explanations and erases one in four of them until the server is killed. Each acknowledged explanation is
/// counted through the channel.
async fn run_client(
    client: Client,
    base: String,
    number: usize,
    acknowledgements: UnboundedSender<()>,
) -> States {
    let mut states = States::new();
    for turn in 0_usize.. {
        let options = json!({"samples": 32, "seed": turn});
        let body = with_options(
            with_customer(&format!("client {number}"), small_history()),
            options,
        );
        let request = client
            .post(format!("{base}/v1/explain"))
            .header(CONTENT_TYPE, "application/json")
            .body(body.to_string());
        let Ok(response) = request.send().await else {
            break;
        };
        assert_eq!(response.status(), 201);
        let path = response.headers()[LOCATION].to_str().unwrap().to_owned();
        let bytes = response.bytes().await.ok().map(|bytes| bytes.to_vec());
        states.insert(path.clone(), Acknowledged::Recorded(bytes));
        // The receiver is gone once enough were counted.
        let _ = acknowledgements.send(());
        if turn % 4 == 3 {
            let response = client.delete(format!("{base}{path}")).send().await;
            let erased = match response {
                Ok(response) => {
                    assert_eq!(response.status(), 204);
                    Acknowledged::Erased
                }
                Err(_) => Acknowledged::Unknown,
            };
            states.insert(path, erased);
        }
    }
    states
}

/// Runs clients until so many explanations were acknowledged, and kills the server.
async fn round(server: Server, count: usize) -> States {
    let (sender, mut acknowledgements) = unbounded_channel();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let (client, sender) = (server.http().clone(), sender.clone());
            tokio::spawn(run_client(client, server.url(""), number, sender))
        })
        .collect();
    for _ in 0..count {
        timeout(TIME_LIMIT, acknowledgements.recv())
            .await
            .unwrap()
            .unwrap();
    }
    server.kill();
    let states = timeout(TIME_LIMIT, join_all(clients)).await.unwrap();
    states.into_iter().flat_map(Result::unwrap).collect()
}

async fn assert_kept(server: &Server, acknowledged: &States) {
    for (path, state) in acknowledged {
        let response = server.get(path).await;
        let status = response.status();
        let found = response.bytes().await.unwrap();
        match state {
            Acknowledged::Recorded(bytes) => {
                assert_eq!(status, StatusCode::OK, "{path} was lost");
                assert!(bytes.as_ref().is_none_or(|bytes| found == bytes));
            }
            Acknowledged::Erased => assert_eq!(status, StatusCode::NOT_FOUND, "{path} is back"),
            Acknowledged::Unknown => {
                assert!([StatusCode::OK, StatusCode::NOT_FOUND].contains(&status));
            }
        }
    }
}

async fn acknowledged_changes_survive_sigkill(stored: TestStore) {
    let rounds = std::env::var("MICROSEG_CRASH_ROUNDS");
    let rounds = rounds.map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    let mut all = States::new();
    let mut before = 0;
    for number in 0..rounds {
        // Each round is killed after another number of explanations.
        let states = round(stored.start(&[]), 1 + number * 7 % 31).await;
        // The audit reads what the killed server left, before another server repairs it.
        let entries = stored.whole_audit()["entries"].as_u64().unwrap();
        assert!(entries >= before + states.len() as u64);
        before = entries;
        let server = stored.start(&[]);
        assert_kept(&server, &states).await;
        assert_eq!(stored.whole_audit()["entries"], entries);
        server.kill();
        all.extend(states);
    }

    let server = stored.start(&[]);
    assert_kept(&server, &all).await;
    let mut found = Vec::new();
    for number in 0..CLIENTS {
        found.extend(list(&server, &format!("client {number}")).await);
    }
    let count = found.len();
    found.sort_unstable();
    found.dedup();
    assert_eq!(found.len(), count, "every explanation is there once");
    let audit: Value = stored.whole_audit();
    let left = audit["explanations"].as_u64().unwrap() - audit["erased"].as_u64().unwrap();
    assert_eq!(left, count as u64);
}

on_each_database! {
    acknowledged_changes_survive_sigkill,
}
