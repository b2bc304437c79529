//! Simulation of kept customers: the real store, with clients that send again, send late and send at once, servers that crash in
//! the middle of a write, and a simple model of what must come of it.
//!
//! A seed decides what is sent and when servers crash; the interleaving is the machine's. `SIMULATED_SEEDS=1000` runs more of
//! them than `make test` does, `SIMULATED_FROM` names the first.

mod client;
mod model;
mod random;
mod script;

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use futures_util::future::{join, join_all};
use microseg::access::Tenant;
use microseg::encoding::{History, kept_history};
use microseg::store::Store;
use sha2::{Digest, Sha256};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;

use self::client::{Keyed, OneByOne};
use self::model::Model;
use self::random::Random;
use self::script::ENCODER;
use crate::support::TestDatabase;

/// How many customers one store has. Half of them are of another tenant, under the same names.
const CUSTOMERS: usize = 64;

/// Names of customers that share no bucket with each other, in either tenant: an erasure refuses what was admitted before it
/// for all customers of its bucket, and forgets their keys.
static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut taken = HashSet::new();
    let names = (0..).map(|number| format!("customer {number}"));
    let alone = names.filter(|name| {
        let buckets = [name.clone(), format!("north\n{name}")].map(|text| {
            let hash = Sha256::digest(text);
            [hash[0], hash[1]]
        });
        let is_free = buckets[0] != buckets[1] && !buckets.iter().any(|one| taken.contains(one));
        taken.extend(is_free.then_some(buckets).into_iter().flatten());
        is_free
    });
    alone.take(CUSTOMERS / 2).collect()
});

/// A customer with its client.
struct Customer {
    tenant: Tenant,
    id: String,
    client: Client,
}

enum Client {
    OneByOne(OneByOne),
    Keyed(Keyed),
}

impl Customer {
    fn new(random: &mut Random, number: usize) -> Self {
        let id = NAMES[number / 2].clone();
        let client = if random.once_in(2) {
            Client::OneByOne(OneByOne::new(random, &id))
        } else {
            Client::Keyed(Keyed::new(random, &id))
        };
        let tenants = [Tenant::default(), "north".parse().unwrap()];
        Self {
            tenant: tenants[number % 2].clone(),
            id,
            client,
        }
    }

    async fn run(&self, stores: &[Store], acknowledged: impl Fn()) {
        let stores: Vec<Store> = stores.iter().map(|store| store.of(&self.tenant)).collect();
        match &self.client {
            Client::OneByOne(client) => client.run(&stores, acknowledged).await,
            Client::Keyed(client) => client.run(&stores, acknowledged).await,
        }
    }

    fn model(&self) -> Model {
        match &self.client {
            Client::OneByOne(client) => client.model(),
            Client::Keyed(client) => client.model(),
        }
    }

    /// Compares what is kept with the model, and its history with one that is sent whole.
    async fn check(&self, store: &Store, random: &mut Random) {
        let model = self.model();
        let Some(found) = store.of(&self.tenant).customer(&self.id).await.unwrap() else {
            assert_eq!(model, Model::default(), "{}", self.id);
            return;
        };
        let contents = store.contents_of(&found).await.unwrap().unwrap();
        let (position, documents) = (contents.position, contents.documents);
        assert_eq!(documents, model.documents(), "{}", self.id);
        assert_eq!([found.position, position], [model.position; 2]);
        assert_eq!(found.transactions, model.kept.len() as u64);
        assert_eq!(found.bytes, model.bytes());
        assert_eq!(found.folded, model.folded.len() as u64);
        let folded: Vec<(i64, String, String)> = match &contents.fold {
            Some(fold) => serde_json::from_slice(&fold.document).unwrap(),
            None => Vec::new(),
        };
        let folded: Vec<String> = folded.into_iter().map(|(.., document)| document).collect();
        assert_eq!(folded, model.folded_documents(), "{}", self.id);
        assert_eq!(Some(&found.settings), model.settings.as_ref());

        let streamed = kept_history(&self.id, &found.settings, &documents, None, None).unwrap();
        let mut shuffled = model.documents();
        for last in (1..shuffled.len()).rev() {
            shuffled.swap(last, random.place(last + 1));
        }
        let settings = found.settings.trim_start_matches('{').trim_end_matches('}');
        let comma = if settings.is_empty() { "" } else { "," };
        let whole = format!(
            "{{{settings}{comma}\"transactions\":[{}]}}",
            shuffled.join(",")
        );
        let read = |bytes: &[u8]| ENCODER.read(bytes).map(|history: History| history.totals);
        assert_eq!(
            format!("{:?}", read(&streamed)),
            format!("{:?}", read(whole.as_bytes()))
        );
    }
}

fn runtime(random: &mut Random) -> Runtime {
    let mut builder = if random.once_in(2) {
        Builder::new_current_thread()
    } else {
        Builder::new_multi_thread()
    };
    builder.worker_threads(2).enable_all().build().unwrap()
}

/// Runs one seed; returns how often its servers crashed.
fn simulate(database: &TestDatabase, seed: u64, most_servers: u64) -> usize {
    let mut random = Random::new(seed);
    let customers: Arc<Vec<Customer>> = Arc::new(
        (0..CUSTOMERS)
            .map(|number| Customer::new(&mut random, number))
            .collect(),
    );
    let mut crashes = 0;
    loop {
        let servers = 1 + random.below(most_servers);
        let until_crash = if crashes < 3 {
            1 + random.below(300)
        } else {
            u64::MAX
        };
        let runtime = runtime(&mut random);
        let customers = customers.clone();
        let url = database.url();
        let is_done = runtime.block_on(async move {
            let opening = (0..servers).map(|_| Store::open(&*url));
            let stores: Vec<Store> = join_all(opening)
                .await
                .into_iter()
                .map(Result::unwrap)
                .collect();
            let (count, crash) = (AtomicUsize::new(0), Notify::new());
            let acknowledged = || {
                if count.fetch_add(1, Ordering::Relaxed) as u64 + 1 == until_crash {
                    crash.notify_one();
                }
            };
            let clients = join_all(customers.iter().map(|one| one.run(&stores, acknowledged)));
            tokio::select! {
                _ = clients => {}
                () = crash.notified() => return false,
            }
            join_all(stores.iter().map(Store::close)).await;
            true
        });
        // Tasks end wherever they are, the writer in the middle of a transaction too.
        runtime.shutdown_background();
        if is_done {
            break;
        }
        crashes += 1;
    }
    runtime(&mut random).block_on(async {
        let store = database.open().await;
        for customer in customers.iter() {
            customer.check(&store, &mut random).await;
        }
        let (found, all) = join(
            database.values::<i64>("SELECT count(*) FROM kept_transactions"),
            database.values::<i64>(
                "SELECT coalesce(CAST(sum(transactions) AS BIGINT), 0) FROM customers",
            ),
        )
        .await;
        assert_eq!(found, all, "transactions of no customer are left");
        store.close().await;
    });
    crashes
}

/// Runs seeds, each on a database of its own.
fn simulate_seeds(usual: u64, most_servers: u64, database: impl Fn() -> TestDatabase) {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse().unwrap());
    let first = number("SIMULATED_FROM").unwrap_or(1);
    let seeds = number("SIMULATED_SEEDS").unwrap_or(usual);
    let mut crashes = 0;
    for seed in first..first + seeds {
        println!("seed {seed}");
        crashes += simulate(&database(), seed, most_servers);
    }
    println!("{} histories, {crashes} crashes", seeds * CUSTOMERS as u64);
    assert!(crashes > 0 || seeds < 5);
}

#[test]
fn simulated_customers_are_what_the_model_says_on_sqlite() {
    simulate_seeds(24, 1, TestDatabase::sqlite);
}

#[test]
fn simulated_customers_of_two_servers_are_what_the_model_says_on_sqlite() {
    simulate_seeds(4, 2, TestDatabase::sqlite);
}

#[test]
fn simulated_customers_of_three_servers_are_what_the_model_says_on_postgres() {
    simulate_seeds(4, 3, TestDatabase::postgres);
}
