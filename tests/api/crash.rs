//! `kill -9` in the middle of everything: what was acknowledged is there afterwards, and the chain is whole.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::time::timeout;

use crate::histories::asking;
use crate::records::small;
use crate::server::{PATIENCE, Server};
use crate::stored::{Stored, kill, listed, of, on_each_database};

/// How often the server is killed, unless `MICROSEG_CRASH_ROUNDS` says otherwise.
const ROUNDS: usize = 10;

/// How many customers ask at the same time.
const CLIENTS: usize = 4;

/// What a client was told of an explanation, and so what must be true of it ever after.
enum Told {
    /// It is recorded; these are its bytes, if they arrived before the end.
    Recorded(Option<Vec<u8>>),
    /// It is erased.
    Erased,
    /// To erase it was asked for, and no answer came: either may be true.
    Perhaps,
}

/// By the addresses of explanations.
type Memory = BTreeMap<String, Told>;

/// Asks for explanations, and has one in four erased again, for as long as there are answers.
async fn live(client: Client, base: String, number: usize, told: UnboundedSender<()>) -> Memory {
    let mut memory = Memory::new();
    for turn in 0_usize.. {
        let options = json!({"samples": 32, "seed": turn});
        let body = asking(of(&format!("client {number}"), small()), options);
        let request = client
            .post(format!("{base}/v1/explain"))
            .header(CONTENT_TYPE, "application/json")
            .body(body.to_string());
        let Ok(response) = request.send().await else {
            break;
        };
        assert_eq!(response.status(), 201);
        let address = response.headers()[LOCATION].to_str().unwrap().to_owned();
        let bytes = response.bytes().await.ok().map(|bytes| bytes.to_vec());
        memory.insert(address.clone(), Told::Recorded(bytes));
        // The test may have counted enough.
        let _ = told.send(());
        if turn % 4 == 3 {
            let response = client.delete(format!("{base}{address}")).send().await;
            let erased = match response {
                Ok(response) => {
                    assert_eq!(response.status(), 204);
                    Told::Erased
                }
                Err(_) => Told::Perhaps,
            };
            memory.insert(address, erased);
        }
    }
    memory
}

/// Lets clients live on a server until they were told so many things, and kills it.
async fn round(server: Server, acknowledged: usize) -> Memory {
    let (told, mut heard) = unbounded_channel();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let (client, told) = (server.client.clone(), told.clone());
            tokio::spawn(live(client, server.url(""), number, told))
        })
        .collect();
    for _ in 0..acknowledged {
        timeout(PATIENCE, heard.recv()).await.unwrap().unwrap();
    }
    kill(server);
    let memories = timeout(PATIENCE, join_all(clients)).await.unwrap();
    memories.into_iter().flat_map(Result::unwrap).collect()
}

async fn assert_kept(server: &Server, memory: &Memory) {
    for (address, told) in memory {
        let response = server.get(address).await;
        let status = response.status();
        let found = response.bytes().await.unwrap();
        match told {
            Told::Recorded(bytes) => {
                assert_eq!(status, StatusCode::OK, "{address} was lost");
                assert!(bytes.as_ref().is_none_or(|bytes| found == bytes));
            }
            Told::Erased => assert_eq!(status, StatusCode::NOT_FOUND, "{address} is back"),
            Told::Perhaps => assert!([StatusCode::OK, StatusCode::NOT_FOUND].contains(&status)),
        }
    }
}

async fn what_was_acknowledged_survives_every_kill(stored: Stored) {
    let rounds = std::env::var("MICROSEG_CRASH_ROUNDS");
    let rounds = rounds.map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    let mut all = Memory::new();
    let mut before = 0;
    for number in 0..rounds {
        // Sometimes at once, sometimes later: another moment in each round.
        let memory = round(stored.start(&[]), 1 + number * 7 % 31).await;
        // The next audit reads what the dead server left, before anybody repairs anything.
        let entries = stored.whole()["entries"].as_u64().unwrap();
        assert!(entries >= before + memory.len() as u64);
        before = entries;
        let server = stored.start(&[]);
        assert_kept(&server, &memory).await;
        assert_eq!(stored.whole()["entries"], entries);
        kill(server);
        all.extend(memory);
    }

    let server = stored.start(&[]);
    assert_kept(&server, &all).await;
    let mut found = Vec::new();
    for number in 0..CLIENTS {
        found.extend(listed(&server, &format!("client {number}")).await);
    }
    let count = found.len();
    found.sort_unstable();
    found.dedup();
    assert_eq!(found.len(), count, "every explanation is there once");
    let audit: Value = stored.whole();
    let left = audit["explanations"].as_u64().unwrap() - audit["erased"].as_u64().unwrap();
    assert_eq!(left, count as u64);
}

on_each_database! {
    what_was_acknowledged_survives_every_kill,
}
