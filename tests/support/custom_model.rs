//! Model with a taxonomy and a network of its own: monthly, eleven classes, outputs `calm`, `bold` and `shy`.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::microseg;

/// Classes of the taxonomy: `class-0`, `class-1` and so on.
pub const CLASSES: usize = 11;

/// Two layers with random weights.
pub const NETWORK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/custom.pt");

/// One layer that is linear in the shares.
pub const LINEAR_NETWORK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/linear.pt");

/// The inputs of `microseg model build` in a folder, and what it builds there.
pub struct CustomModel {
    folder: TempDir,
    network: &'static str,
}

impl CustomModel {
    /// The network of two layers.
    pub fn make() -> Self {
        Self::with_network(NETWORK, false)
    }

    /// The linear network; some months have no spending.
    pub fn linear() -> Self {
        Self::with_network(LINEAR_NETWORK, true)
    }

    /// `gaps` leaves months without spending: only they separate the effect of no spending from that of all classes.
    fn with_network(network: &'static str, gaps: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut taxonomy = "class,title,group,mcc,source\n".to_owned();
        for class in 0..CLASSES {
            let code = 1000 + class;
            writeln!(taxonomy, "class-{class},Class {class},all,{code},own").unwrap();
        }
        fs::write(folder.path().join("taxonomy.csv"), taxonomy).unwrap();
        let histories: Vec<String> = (0..150)
            .map(|customer| monthly_history(customer, gaps).to_string())
            .collect();
        fs::write(folder.path().join("histories.ndjson"), histories.join("\n")).unwrap();
        Self { folder, network }
    }

    /// The folder of the inputs.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A path in that folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The bundle that is built into a folder of models.
    pub fn bundle(&self, models: &str) -> PathBuf {
        self.path(models).join("custom/3")
    }

    /// `microseg model build` into a folder of models. `overrides` replace the values of flags.
    pub fn build_with(&self, models: &str, overrides: &[(&str, &str)]) -> Command {
        let taxonomy = self.path("taxonomy.csv").display().to_string();
        let into = self.path(models).display().to_string();
        let flags = [
            ("--network", self.network),
            ("--name", "custom"),
            ("--version", "3"),
            ("--period", "month"),
            ("--window", "14"),
            ("--outputs", "calm,bold,shy"),
            ("--taxonomy", &taxonomy),
            ("--into", &into),
        ];
        let is_overridden = |name: &str| overrides.iter().any(|(other, _)| *other == name);
        let kept = flags.iter().filter(|(name, _)| !is_overridden(name));
        let mut command = microseg();
        command.current_dir(self.folder());
        command.args(["model", "build", "histories.ndjson"]);
        for (name, value) in kept.chain(overrides) {
            command.args([name, value]);
        }
        command.stdout(Stdio::null());
        command
    }

    /// `microseg model build` into a folder of models.
    pub fn build(&self, models: &str) -> Command {
        self.build_with(models, &[])
    }
}

/// A customer's history of one to fourteen months. Customers of even and of odd numbers favour different classes.
pub fn monthly_history(customer: usize, gaps: bool) -> Value {
    let months = 1 + (customer * 5) % 14;
    let favourite = if customer.is_multiple_of(2) { 1 } else { 8 };
    let mut transactions = Vec::new();
    for month in 0..months {
        if gaps && month > 0 && (customer + month) % 7 == 3 && month + 1 < months {
            continue;
        }
        for number in 0..6 {
            let class = if number < 3 {
                favourite
            } else {
                (customer * 7 + month * 3 + number) % CLASSES
            };
            let amount = -(5 + (customer * 31 + month * 17 + number * 13) % 90).cast_signed();
            let (year, month) = (2019 + month / 12, 1 + month % 12);
            transactions.push(json!({
                "timestamp": format!("{year}-{month:02}-{:02}", 1 + number),
                "amount": amount,
                "class": format!("class-{class}"),
            }));
        }
    }
    json!({"customer_id": format!("c-{customer}"), "transactions": transactions})
}
