//! Bundle of schema 3: an exported network with a description of what it reads, built for a test.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::command::succeeded;
use crate::described_networks::{build_command, folder as exported_folder};

const CLASSES: [&str; 3] = ["groceries", "restaurants", "rent"];

/// A model that was built from a network of `tests/networks`.
pub struct DescribedModel {
    folder: PathBuf,
}

impl DescribedModel {
    /// Builds it in a folder, in place of the one that an earlier run has left there; `change` may change the description.
    /// Its name is the network's.
    pub fn build(folder: &Path, network: &str, change: impl FnOnce(&mut Value)) -> Self {
        let folder = folder.to_owned();
        fs::create_dir_all(&folder).unwrap();
        let exported = exported_folder(network);
        for file in ["model.pt", "taxonomy.csv"] {
            fs::copy(exported.join(file), folder.join(file)).unwrap();
        }
        let description = fs::read(exported.join("network.json")).unwrap();
        let mut description = serde_json::from_slice(&description).unwrap();
        change(&mut description);
        let model = Self { folder };
        fs::write(model.path("network.json"), description.to_string()).unwrap();
        fs::write(model.path("histories.ndjson"), population(&description)).unwrap();
        let histories = model.path("histories.ndjson");
        let mut command = build_command(&model.folder, &histories, network, &model.models());
        succeeded(&command.arg("--replace").output().unwrap());
        model
    }

    /// The folder of models with it alone.
    pub fn models(&self) -> PathBuf {
        self.path("models")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// Sixty customers of a year, each with habits of its own, with a value in all of the fields that are declared.
fn population(description: &Value) -> String {
    let fields = description["fields"].as_object();
    let customers = (0..60_usize).map(|customer| {
        let transactions = (0..40_usize).map(|number| {
            let cents = 500 + (number * 37 + customer * 101) % 9_000;
            let mut transaction = json!({
                "timestamp": format!("2019-{:02}-{:02}", 1 + number * 12 / 40, 1 + (number * 7 + customer) % 28),
                "amount": -(f64::from(u32::try_from(cents).unwrap()) / 100.0),
                "class": CLASSES[(number * (customer % 5 + 1)) % CLASSES.len()],
                "mcc": 5411,
            });
            for (name, field) in fields.into_iter().flatten() {
                transaction[name] = match field["type"].as_str() {
                    Some("number") => json!(cents),
                    _ => json!("web"),
                };
            }
            transaction
        });
        let transactions: Vec<Value> = transactions.collect();
        json!({"customer_id": format!("c-{customer}"), "transactions": transactions}).to_string()
    });
    customers.collect::<Vec<_>>().join("\n")
}
