//! Attractors: fixed points of the network's dynamics under a held input, and the basin of each.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::distance::{distance, nearest};
use super::error::SpaceError;
use super::population::Spread;
use super::shape::{Shape, StateShape};

const TABLE: &str = "attractors";

/// The attractors as a manifest holds them.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttractorsDocument {
    /// How they were looked for.
    pub search: AttractorSearch,
    /// The attractors, the widest basin first; none when nothing settles.
    pub attractors: Vec<Attractor>,
}

/// The search for attractors: its sizes and its results.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttractorSearch {
    /// How many profiles were held.
    pub held_inputs: usize,
    /// From how many recurrent states each of them was started.
    pub starts: usize,
    /// How many of all those runs settled.
    pub settled: usize,
    /// After how many periods a run was given up.
    pub most_periods: usize,
    /// The largest ‖f(s) - s‖ of a fixed point.
    pub tolerance: f64,
    /// Settled points that are no attractor to the tolerance: a residual too large, or a spectral radius not below 1.
    pub repelling: usize,
    /// How many customers' last profiles were held to measure the basins.
    pub customers: u64,
    /// The part of those customers whose states did not settle.
    pub unsettled_share: f64,
}

/// A fixed point of the network under one held input, to which nearby recurrent states return.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attractor {
    /// Its name, such as `a3`.
    pub id: String,
    /// The traits that inverse regression gives it, the strongest first, against the population's.
    pub label: String,
    /// Whose mean last profile was held: a segment's id, or `population`.
    pub held: String,
    /// The input that was held, U numbers, such as the shares of a profile.
    pub input: Vec<f32>,
    /// The LSTM's whole recurrent state at the fixed point.
    pub memory: RecurrentStateDocument,
    /// The state there, H numbers: the last layer of the recurrent state.
    pub state: Vec<f32>,
    /// The network's outputs there, O numbers.
    pub outputs: Vec<f32>,
    /// The outputs that inverse regression reads from the state: D s + e, O numbers.
    pub traits: Vec<f64>,
    /// ‖f(s) - s‖ over the whole recurrent state.
    pub residual: f64,
    /// Spectral radius of the Jacobian of one period, below 1.
    pub spectral_radius: f64,
    /// The share of the customers, 0 to 1, that come to rest nearest to it when their own last profile is held.
    pub basin: f64,
}

/// The recurrent state between two steps: each tensor by its name, `[L][size]`. An LSTM has `h`, the hidden state, and `c`,
/// the cell.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
#[serde(transparent)]
#[schemars(rename = "AttractorMemory")]
pub struct RecurrentStateDocument(pub BTreeMap<String, Vec<Vec<f32>>>);

impl RecurrentStateDocument {
    fn check(&self, shape: &Shape) -> Result<(), SpaceError> {
        let tensors = &shape.recurrent_state;
        SpaceError::expect_length(TABLE, "memory", self.0.len(), tensors.len())?;
        for StateShape { name, layers, size } in tensors {
            let rows = self.0.get(name);
            let rows = rows.ok_or_else(|| {
                SpaceError::new(TABLE, "memory", format!("expected the tensor `{name}`"))
            })?;
            let member = format!("memory.{name}");
            SpaceError::expect_shape(TABLE, &member, rows, (*layers, *size))?;
        }
        Ok(())
    }
}

/// The attractors, which are compared with a state.
#[derive(Debug, Clone, PartialEq)]
pub struct Attractors {
    document: AttractorsDocument,
    scale: Spread,
    /// In deviations of the final states, H numbers each.
    places: Vec<Vec<f64>>,
}

/// The attractor next to a state.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
#[schemars(rename = "NearestAttractor")]
pub struct Near {
    /// The attractor.
    pub id: String,
    /// Its traits.
    pub label: String,
    /// How far it is, in standard deviations of the population's final states.
    pub distance: f64,
}

impl Attractors {
    pub(super) fn new(
        document: AttractorsDocument,
        scale: &Spread,
        shape: &Shape,
    ) -> Result<Self, SpaceError> {
        let mut ids = BTreeSet::new();
        for attractor in &document.attractors {
            if !ids.insert(&attractor.id) {
                let reason = "expected an id of its own";
                return Err(SpaceError::new(TABLE, &attractor.id, reason));
            }
            for (member, found, expected) in [
                ("input", attractor.input.len(), shape.input_width()),
                ("state", attractor.state.len(), shape.hidden_size),
                ("outputs", attractor.outputs.len(), shape.outputs),
                ("traits", attractor.traits.len(), shape.outputs),
            ] {
                SpaceError::expect_length(TABLE, member, found, expected)?;
            }
            // A 64-bit number beyond the range of 32 bits is read as infinite.
            if !attractor.state.iter().all(|number| number.is_finite()) {
                return Err(SpaceError::new(TABLE, "state", "expected finite numbers"));
            }
            attractor.memory.check(shape)?;
            SpaceError::expect_share(TABLE, "basin", attractor.basin)?;
        }
        let places = document
            .attractors
            .iter()
            .map(|attractor| {
                let state = attractor.state.iter().copied().map(f64::from);
                scale.standardize(state).collect()
            })
            .collect();
        Ok(Self {
            document,
            scale: scale.clone(),
            places,
        })
    }

    /// The tables.
    #[must_use]
    pub fn document(&self) -> &AttractorsDocument {
        &self.document
    }

    /// The attractor nearest to a state of H numbers; `None` when there is none at all.
    #[must_use]
    pub fn near(&self, state: &[f32]) -> Option<Near> {
        let place: Vec<f64> = self
            .scale
            .standardize(state.iter().copied().map(f64::from))
            .collect();
        let distances: Vec<f64> = self
            .places
            .iter()
            .map(|attractor| distance(&place, attractor))
            .collect();
        let index = nearest(distances.iter().copied());
        let attractor = self.document.attractors.get(index)?;
        Some(Near {
            id: attractor.id.clone(),
            label: attractor.label.clone(),
            distance: distances[index],
        })
    }
}
