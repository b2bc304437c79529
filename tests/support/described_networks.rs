//! Networks with a description of what they read, from `tests/networks`, built into bundles.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{microseg, succeeded};

/// The files of a network in `tests/networks`.
pub fn folder(network: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../networks")
        .join(network)
}

/// Sixty customers of a year, each with habits of its own.
fn population() -> String {
    let classes = [
        "groceries",
        "restaurants",
        "rent",
        "energy",
        "telephone",
        "clothing",
    ];
    let customers = (0..60_usize).map(|customer| {
        let transactions = (0..90_usize).map(|number| {
            let class = classes[(number * (customer % 5 + 1) + number / 7) % classes.len()];
            let month = 1 + number * 12 / 90;
            let day = 1 + (number * 7 + customer) % 28;
            let cents = 500 + (number * 37 + customer * 101) % 9_000;
            json!({
                "timestamp": format!("2019-{month:02}-{day:02}T{:02}:30:00Z", number % 24),
                "amount": -(f64::from(u32::try_from(cents).unwrap()) / 100.0),
                "class": class,
            })
        });
        let transactions: Vec<Value> = transactions.collect();
        json!({"customer_id": format!("c-{customer}"), "transactions": transactions}).to_string()
    });
    let mut lines: Vec<String> = customers.collect();
    lines.push(String::new());
    lines.join("\n")
}

/// Bundles that were built from described networks.
pub struct Built {
    /// Holds the histories that they were built from, and the models.
    pub folder: TempDir,
}

impl Default for Built {
    fn default() -> Self {
        Self::new()
    }
}

impl Built {
    /// Bundles of these networks.
    pub fn of(networks: &[&str]) -> Self {
        let built = Self::new();
        for network in networks {
            succeeded(&built.command(network).output().unwrap());
        }
        built
    }

    /// None yet.
    pub fn new() -> Self {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("histories.ndjson"), population()).unwrap();
        Self { folder }
    }

    /// The folder of the models.
    pub fn models(&self) -> PathBuf {
        self.folder.path().join("models")
    }

    /// `microseg model build` of an exported network.
    pub fn command(&self, network: &str) -> Command {
        let mut command = self.command_without_golden(network);
        command
            .arg("--golden")
            .arg(folder(network).join("golden.json"));
        command
    }

    /// The same without the golden cases that came with the network.
    pub fn command_without_golden(&self, network: &str) -> Command {
        let histories = self.folder.path().join("histories.ndjson");
        let name = network.rsplit('/').next().unwrap();
        build_command(&folder(network), &histories, name, &self.models())
    }
}

/// `microseg model build` of the network in a folder, without golden cases.
pub(crate) fn build_command(
    network: &Path,
    histories: &Path,
    name: &str,
    models: &Path,
) -> Command {
    let mut command = microseg();
    command
        .args(["model", "build"])
        .arg(histories)
        .arg("--description")
        .arg(network.join("network.json"))
        .arg("--taxonomy")
        .arg(network.join("taxonomy.csv"))
        .args(["--name", name, "--into"])
        .arg(models);
    command
}

/// Golden cases of a network that have a history.
pub fn cases(network: &str) -> Vec<Value> {
    let golden = fs::read(folder(network).join("golden.json")).unwrap();
    let golden: Value = serde_json::from_slice(&golden).unwrap();
    let cases = golden["cases"].as_array().unwrap().iter();
    let with_history = cases.filter(|case| case.get("history").is_some());
    with_history.cloned().collect()
}
