//! Tests of acknowledged records after the end of the process.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use futures_util::future::join_all;
use uuid::Uuid;

use crate::support::{TestDatabase, new_record, on_each_database};

pub(crate) const URL: &str = "STORE_TO_WRITE_UNTIL_KILLED";

/// The child process: prints the id of each record once it is acknowledged.
#[tokio::test]
#[ignore = "run by the test below, which kills it"]
async fn writes_until_killed() {
    let Ok(url) = std::env::var(URL) else {
        return;
    };
    let store = microseg::store::Store::open(&url).await.unwrap();
    loop {
        let appends = (0..8).map(async |_| {
            let record = new_record("c");
            let id = record.id;
            store.append(record).await.unwrap();
            println!("kept {id}");
        });
        join_all(appends).await;
    }
}

async fn acknowledged_record_survives_sigkill(database: TestDatabase) {
    for round in 0..3 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "durability::writes_until_killed",
                "--ignored",
                "--nocapture",
            ])
            .env(URL, database.url())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut kept = lines
            .map_while(Result::ok)
            .filter_map(|line| Uuid::parse_str(line.split_once("kept ")?.1).ok());
        let mut ids: Vec<Uuid> = kept.by_ref().take(50 + 37 * round).collect();
        // SIGKILL.
        child.kill().unwrap();
        child.wait().unwrap();
        ids.extend(kept);

        let audit = database.audit().await;
        assert!(audit.whole, "{audit:?}");
        let store = database.open().await;
        for id in &ids {
            assert!(store.document(*id).await.unwrap().is_some(), "{id} is lost");
        }
        assert!(audit.entries >= ids.len() as u64);
        store.close().await;
    }
}

on_each_database! {
    acknowledged_record_survives_sigkill,
}
