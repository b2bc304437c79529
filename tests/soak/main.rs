//! Soak test: attacks on the memory of a server, mixed with scorings and probes, for `SOAK_SECONDS` seconds (15 by
//! default; `make soak` sets 600).
//!
//! It fails when the server takes more memory than the ceiling that follows from its settings, or when a scoring or a
//! probe fails. Attackers may be refused: the server owes them no more than an answer.

#![allow(clippy::unwrap_used, reason = "a test that cannot continue has failed")]

mod attacks;
mod customers;

use std::time::Duration;

use clap::{Args as _, Command, FromArgMatches as _};
use microseg_config::ServiceSettings;
use test_support::memory::{peak_memory, resident_memory};
use test_support::server::Server;
use tokio::task::JoinSet;
use tokio::time::Instant;

const MIB: u64 = 1024 * 1024;

/// Settings of a small server: attackers reach every limit within seconds.
const SETTINGS: [&str; 22] = [
    "--threads",
    "2",
    "--explanation-threads",
    "1",
    "--explanation-queue",
    "16",
    "--max-body-bytes",
    "8388608",
    "--max-held-bytes",
    "67108864",
    "--max-connections",
    "2000",
    "--max-concurrent-requests",
    "512",
    "--header-timeout",
    "2",
    "--body-timeout",
    "5",
    "--write-timeout",
    "5",
    "--grace-period",
    "10",
];

/// The ceiling that follows from the settings, in bytes.
fn ceiling() -> u64 {
    let command = ServiceSettings::augment_args(Command::new("serve").no_binary_name(true));
    let found = command.try_get_matches_from(SETTINGS).unwrap();
    ServiceSettings::from_arg_matches(&found)
        .unwrap()
        .process_memory_ceiling()
}

fn duration() -> Duration {
    let seconds = std::env::var("SOAK_SECONDS");
    let seconds = seconds.map_or(15, |text| text.parse().unwrap());
    Duration::from_secs(seconds)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn server_under_attack_keeps_to_its_ceiling_and_goes_on_scoring() {
    let attacked = Server::start(&SETTINGS);
    let (before, ceiling) = (resident_memory(&attacked), ceiling());
    let end = Instant::now() + duration();
    let mut attackers = JoinSet::new();
    attacks::begin(&mut attackers, attacked.address(), end);
    let served = customers::be_served(&attacked, end).await;
    while let Some(ended) = attackers.join_next().await {
        ended.unwrap();
    }
    let (peak, after) = (peak_memory(&attacked), resident_memory(&attacked));
    println!(
        "{} scorings, {} probes, slowest {:?}; memory {} MiB before, {} at most, {} after; ceiling {} MiB",
        served.scorings,
        served.probes,
        served.slowest,
        before / MIB,
        peak / MIB,
        after / MIB,
        ceiling / MIB,
    );
    assert!(served.scorings > 0 && served.probes > 0);
    assert!(peak <= ceiling, "{} MiB were taken", peak / MIB);
    assert_eq!(attacked.get("/health/ready").await.status(), 200);
    attacked.end();
}
