//! `manifest.json`: what a bundle says about itself, read into a form that cannot disagree with itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use microseg_history::PeriodKind;
use microseg_reasons::Language;
use microseg_space::{
    AttractorsDocument, Population, SegmentsDocument, Shape, SpaceError, StateSpace,
    SurrogateDocument,
};

/// The names of the files that every bundle has.
pub mod files {
    /// The TorchScript network.
    pub const NETWORK: &str = "model.pt";
    /// The classes.
    pub const TAXONOMY: &str = "taxonomy.csv";
    /// Inputs with the numbers that the network must give.
    pub const GOLDEN: &str = "golden.json";
    /// The model card.
    pub const CARD: &str = "MODEL_CARD.md";
    /// What holds the others together.
    pub const MANIFEST: &str = "manifest.json";
}

const REQUIRED_FILES: [&str; 4] = [files::NETWORK, files::TAXONOMY, files::GOLDEN, files::CARD];

/// Sizes beyond these are a mistake or an attack: nothing of the kind is allocated.
const MAX_WINDOW: usize = 1_200;
const MAX_CELLS: usize = 1 << 18;
const MAX_LAYERS: usize = 16;
const MAX_HIDDEN_SIZE: usize = 4_096;
const MAX_OUTPUTS: usize = 1_024;

/// A bundle's checked description of itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// The model's name: a-z, 0-9 and hyphens, at most 64.
    pub name: String,
    /// The version: a whole number, as text.
    pub version: String,
    /// SHA-256 of every file of the bundle, in lower-case hex, by plain file name or `reasons/<language>.json`.
    pub files: BTreeMap<String, String>,
    /// The classes in the order of the network's input.
    pub classes: Vec<String>,
    /// How long one step of the network is.
    pub period: PeriodKind,
    /// How many periods the network looks back, 1 to 1,200.
    pub window: usize,
    /// LSTM layers, 1 to 16.
    pub layers: usize,
    /// The dimensions of the state, 1 to 4,096.
    pub hidden_size: usize,
    /// The names of the network's outputs.
    pub outputs: Vec<String>,
    /// The tables that were derived from a population of customers.
    pub space: Arc<StateSpace>,
    /// Where the bundle comes from: whatever its maker wrote down.
    pub provenance: serde_json::Map<String, serde_json::Value>,
}

/// Why a manifest was refused.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// Not JSON, a member missing, unknown, or of another type.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// Written for another program.
    #[error("schema_version is {0}, this program reads {version}: `microseg model build` makes one", version = Manifest::SCHEMA_VERSION)]
    SchemaVersion(u32),
    /// A table does not fit the network.
    #[error(transparent)]
    Space(#[from] SpaceError),
    /// A member says what cannot be.
    #[error("{member}: {reason}")]
    Member {
        /// The member's name.
        member: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

/// What every manifest says, whatever else it does.
#[derive(Deserialize)]
struct Version {
    schema_version: u32,
}

/// A manifest as it stands in its file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestDocument {
    /// The form of this document.
    pub schema_version: u32,
    /// The model's name.
    pub name: String,
    /// The version.
    pub version: String,
    /// SHA-256 of every file but this one.
    pub files: BTreeMap<String, String>,
    /// The classes in the order of the network's input.
    pub classes: Vec<String>,
    /// How long one step is.
    pub period: PeriodKind,
    /// How many periods.
    pub window: usize,
    /// LSTM layers.
    pub layers: usize,
    /// The dimensions of the state.
    pub hidden_size: usize,
    /// The names of the outputs.
    pub outputs: Vec<String>,
    /// The numbers of the population that the tables come from.
    pub population: Population,
    /// The micro-segments.
    pub segments: SegmentsDocument,
    /// The fixed points of the dynamics.
    pub attractors: AttractorsDocument,
    /// The global surrogate.
    pub surrogate: SurrogateDocument,
    /// Where the bundle comes from.
    #[serde(default)]
    pub provenance: serde_json::Map<String, serde_json::Value>,
}

impl Manifest {
    /// The form of the manifests that this program reads and writes.
    pub const SCHEMA_VERSION: u32 = 2;

    /// Reads and checks a manifest.
    ///
    /// # Errors
    /// [`ManifestError`] names the first member that is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, ManifestError> {
        // A manifest for another program has other members: its version is what is wrong with it, not they.
        let Version { schema_version } = serde_json::from_slice(bytes)?;
        if schema_version != Self::SCHEMA_VERSION {
            return Err(ManifestError::SchemaVersion(schema_version));
        }
        let document: ManifestDocument = serde_json::from_slice(bytes)?;
        Outline {
            name: &document.name,
            version: &document.version,
            classes: &document.classes,
            window: document.window,
            layers: document.layers,
            hidden_size: document.hidden_size,
            outputs: &document.outputs,
        }
        .check()?;
        check_files(&document.files)?;
        let shape = Shape {
            classes: document.classes.len(),
            layers: document.layers,
            hidden_size: document.hidden_size,
            outputs: document.outputs.len(),
        };
        let space = StateSpace::new(
            document.population,
            document.segments,
            document.attractors,
            document.surrogate,
            shape,
        )?;
        Ok(Self {
            space: Arc::new(space),
            name: document.name,
            version: document.version,
            files: document.files,
            classes: document.classes,
            period: document.period,
            window: document.window,
            layers: document.layers,
            hidden_size: document.hidden_size,
            outputs: document.outputs,
            provenance: document.provenance,
        })
    }

    /// The sizes of the network's input and outputs.
    #[must_use]
    pub fn shape(&self) -> Shape {
        Shape {
            classes: self.classes.len(),
            layers: self.layers,
            hidden_size: self.hidden_size,
            outputs: self.outputs.len(),
        }
    }
}

/// What must be true of a model before there are any tables; a builder asks before it begins.
#[derive(Debug, Clone, Copy)]
pub struct Outline<'m> {
    /// The model's name.
    pub name: &'m str,
    /// The version, as text.
    pub version: &'m str,
    /// The classes in the order of the network's input.
    pub classes: &'m [String],
    /// How many periods.
    pub window: usize,
    /// LSTM layers.
    pub layers: usize,
    /// The dimensions of the state.
    pub hidden_size: usize,
    /// The names of the outputs.
    pub outputs: &'m [String],
}

impl Outline<'_> {
    /// Refuses names that cannot be told apart, and sizes that are a mistake or an attack.
    ///
    /// # Errors
    /// [`ManifestError::Member`] names the first member that is wrong.
    pub fn check(self) -> Result<(), ManifestError> {
        let fault = |member, reason: &str| ManifestError::Member {
            member,
            reason: reason.to_owned(),
        };
        if !is_model_name(self.name) {
            return Err(fault("name", "expected 1 to 64 of a-z, 0-9 and hyphens"));
        }
        if parse_version(self.version).is_none() {
            return Err(fault(
                "version",
                "expected a whole number as text, such as \"1\"",
            ));
        }
        check_names("classes", self.classes, usize::from(u16::MAX))?;
        check_names("outputs", self.outputs, MAX_OUTPUTS)?;
        if self.window.saturating_mul(self.classes.len()) > MAX_CELLS {
            return Err(fault(
                "window",
                &format!("expected at most {MAX_CELLS} cells of window and classes"),
            ));
        }
        // What an explanation can be asked for by other names.
        let reserved =
            |name: &String| name == "traits" || name == "state" || name.starts_with("state.");
        if self.outputs.iter().any(reserved) {
            return Err(fault(
                "outputs",
                "traits, state and state.… mean something else",
            ));
        }
        for (member, size, largest) in [
            ("window", self.window, MAX_WINDOW),
            ("layers", self.layers, MAX_LAYERS),
            ("hidden_size", self.hidden_size, MAX_HIDDEN_SIZE),
        ] {
            if size == 0 || size > largest {
                return Err(fault(member, &format!("expected 1 to {largest}")));
            }
        }
        Ok(())
    }
}

/// The number of a version, if it is written as numbers are: no sign, no leading zero.
pub(super) fn parse_version(text: &str) -> Option<u32> {
    text.parse()
        .ok()
        .filter(|number: &u32| number.to_string() == text)
}

pub(super) fn is_model_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=64).contains(&name.len()) && name.chars().all(allowed)
}

fn check_files(files: &BTreeMap<String, String>) -> Result<(), ManifestError> {
    let fault = |reason| ManifestError::Member {
        member: "files",
        reason,
    };
    if let Some(missing) = REQUIRED_FILES
        .iter()
        .find(|&&file| !files.contains_key(file))
    {
        return Err(fault(format!("{missing} has no checksum")));
    }
    for (file, checksum) in files {
        // A plain name cannot climb out of the bundle.
        let plain = !file.is_empty() && !file.starts_with('.') && !file.contains(['/', '\\', '\0']);
        if !plain && Language::of_file(file).is_none() {
            return Err(fault(format!(
                "`{file}`: expected a plain file name, or reasons/LANGUAGE.json"
            )));
        }
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if checksum.len() != 64 || !checksum.bytes().all(hex) {
            return Err(fault(format!(
                "the checksum of {file} is not a SHA-256 in lower-case hex"
            )));
        }
    }
    Ok(())
}

fn check_names(member: &'static str, names: &[String], most: usize) -> Result<(), ManifestError> {
    let fault = |reason| Err(ManifestError::Member { member, reason });
    if names.is_empty() || names.len() > most {
        return fault(format!("expected 1 to {most} names, found {}", names.len()));
    }
    let mut seen = BTreeSet::new();
    for name in names {
        if name.is_empty() || name.len() > 64 || name.chars().any(char::is_control) {
            return fault("expected names of 1 to 64 bytes without control characters".to_owned());
        }
        if !seen.insert(name) {
            return fault(format!("`{name}` stands twice"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use microseg_space::example;
    use serde_json::{Value, json};

    fn manifest() -> Value {
        let checksum = "0".repeat(64);
        json!({
            "schema_version": 2, "name": "example", "version": "1",
            "files": {"model.pt": checksum, "taxonomy.csv": checksum, "golden.json": checksum, "MODEL_CARD.md": checksum},
            "classes": ["a", "b", "c"], "period": "month", "window": 12, "layers": 1, "hidden_size": 2, "outputs": ["o"],
            "population": example::population(), "segments": example::segments(), "attractors": example::attractors(),
            "surrogate": example::surrogate(),
        })
    }

    fn parse(document: &Value) -> Result<Manifest, ManifestError> {
        Manifest::parse(document.to_string().as_bytes())
    }

    #[test]
    fn a_manifest_gives_the_shape_of_the_network() {
        let shape = parse(&manifest()).unwrap().shape();
        assert_eq!(
            (
                shape.classes,
                shape.layers,
                shape.hidden_size,
                shape.outputs
            ),
            (3, 1, 2, 1)
        );
    }

    #[test]
    fn names_the_member_that_is_wrong() {
        let checksum = "0".repeat(64);
        for (member, value, part) in [
            ("schema_version", json!(3), "schema_version is 3"),
            ("name", json!("../x"), "name"),
            ("version", json!("01"), "version"),
            ("version", json!("v1"), "version"),
            (
                "files",
                json!({"model.pt": checksum}),
                "taxonomy.csv has no checksum",
            ),
            ("classes", json!(["a", "a"]), "classes: `a` stands twice"),
            (
                "classes",
                json!(["a", "b"]),
                "population: shares: expected 2 of them, found 3",
            ),
            ("classes", json!([]), "classes"),
            ("window", json!(0), "window"),
            ("hidden_size", json!(1_000_000_000), "hidden_size"),
            ("outputs", json!([""]), "outputs"),
            ("outputs", json!(["state.0"]), "outputs"),
            ("surprise", json!(1), "surprise"),
            ("period", json!("week"), "week"),
        ] {
            let mut document = manifest();
            document[member] = value;
            let message = parse(&document).unwrap_err().to_string();
            assert!(message.contains(part), "{member}: {message}");
        }
    }

    #[test]
    fn a_manifest_from_before_the_tables_is_refused_for_its_version() {
        let mut document = manifest();
        document["schema_version"] = json!(1);
        for table in ["population", "segments", "attractors", "surrogate"] {
            document.as_object_mut().unwrap().remove(table);
        }
        let message = parse(&document).unwrap_err().to_string();
        let part = "schema_version is 1, this program reads 2";
        assert!(message.starts_with(part), "{message}");
        document["schema_version"] = json!(2);
        let message = parse(&document).unwrap_err().to_string();
        assert!(message.contains("population"), "{message}");
    }

    #[test]
    fn file_names_cannot_climb_out_of_the_bundle() {
        for name in [
            "../model.pt",
            "/etc/passwd",
            ".hidden",
            "a\\b",
            "",
            "reasons/../model.pt",
            "reasons/..json",
            "other/en.json",
        ] {
            let mut document = manifest();
            document["files"][name] = json!("0".repeat(64));
            assert!(parse(&document).is_err(), "{name}");
        }
        let mut document = manifest();
        document["files"]["reasons/de-at.json"] = json!("0".repeat(64));
        parse(&document).unwrap();
    }
}
