//! Tables of a model, as `GET /v1/models/{name}` and the addresses below it answer them.

use serde::Deserialize;
use serde_json::{Map, Value};

/// Mean and standard deviation of several numbers.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Spread {
    pub(crate) mean: Vec<f64>,
    pub(crate) deviation: Vec<f64>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ModelDetail {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) sha256: String,
    pub(crate) period: String,
    pub(crate) hidden_size: u64,
    pub(crate) outputs: Vec<String>,
    pub(crate) classes: Vec<ClassDetail>,
    pub(crate) population: Population,
    #[serde(default)]
    pub(crate) provenance: Map<String, Value>,
    #[serde(default)]
    pub(crate) validation: Option<Validation>,
}

/// How explanations fare, by type of customer.
#[derive(Debug, Deserialize)]
pub(crate) struct Validation {
    pub(crate) computed_by: String,
    pub(crate) method: String,
    pub(crate) seed: u64,
    pub(crate) customers: u64,
    pub(crate) threshold: f64,
    pub(crate) rows: Vec<ValidationRow>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ValidationRow {
    pub(crate) customers: String,
    pub(crate) level: String,
    pub(crate) explanations: u64,
    pub(crate) verdicts: VerdictShares,
    pub(crate) relative_standard_error: Option<f64>,
    pub(crate) additivity_r2: Option<f64>,
    pub(crate) confirmed: Option<f64>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct VerdictShares {
    pub(crate) ok: f64,
    pub(crate) borderline: f64,
    pub(crate) unstable: f64,
    pub(crate) low_fidelity: f64,
    pub(crate) nothing_to_explain: f64,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ClassDetail {
    pub(crate) id: String,
    pub(crate) title: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Population {
    pub(crate) customers: u64,
    pub(crate) outputs: Spread,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Segments {
    pub(crate) outputs: Vec<String>,
    pub(crate) final_states: Spread,
    #[serde(rename = "segments")]
    pub(crate) all: Vec<Segment>,
    #[serde(default)]
    pub(crate) comparison: Vec<Comparison>,
    pub(crate) stability: Option<f64>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Segment {
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) share: f64,
    pub(crate) center: Vec<f64>,
    pub(crate) traits: Vec<f64>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Comparison {
    pub(crate) features: String,
    pub(crate) explained_variance: f64,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Attractors {
    pub(crate) outputs: Vec<String>,
    pub(crate) attractors: Vec<Attractor>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Attractor {
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) basin: f64,
    pub(crate) state: Vec<f64>,
    pub(crate) traits: Vec<f64>,
}

/// The global surrogate: `s_t = A s_(t-1) + B x_t + c`, `p_t = D s_t + e`.
#[derive(Debug, Deserialize)]
pub(crate) struct Surrogate {
    /// The classes whose shares the columns of B are; none where they are other inputs.
    #[serde(default)]
    pub(crate) classes: Vec<String>,
    /// The columns of B.
    #[serde(default)]
    pub(crate) inputs: Vec<String>,
    pub(crate) outputs: Vec<String>,
    #[serde(rename = "B")]
    pub(crate) inputs_to_states: Vec<Vec<f64>>,
    #[serde(rename = "D")]
    pub(crate) states_to_outputs: Vec<Vec<f64>>,
    pub(crate) fidelity: SurrogateFidelity,
}

#[derive(Debug, Deserialize)]
pub(crate) struct SurrogateFidelity {
    pub(crate) outputs: Vec<OutputFidelity>,
    pub(crate) states: Vec<StateFidelity>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct OutputFidelity {
    pub(crate) free_running: Option<f64>,
    pub(crate) from_state: Option<f64>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct StateFidelity {
    pub(crate) free_running: Option<f64>,
    pub(crate) one_step: Option<f64>,
}

impl Segments {
    /// The segments that have no parts: customers belong to them.
    pub(crate) fn leaves(&self) -> impl Iterator<Item = &Segment> {
        self.all.iter().filter(|segment| {
            let below = format!("{}.", segment.id);
            !self.all.iter().any(|other| other.id.starts_with(&below))
        })
    }

    /// The part of the states' variance that lies between the leaves, 0 to 1.
    pub(crate) fn explained_variance(&self) -> Option<f64> {
        let mut comparison = self.comparison.iter();
        let states = comparison.find(|compared| compared.features == "states");
        states.map(|states| states.explained_variance)
    }
}
