//! Certainty of a scoring: how far its numbers depend on which of the customer's transactions there happen to be.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

/// What scorings of resamples of the customer's own transactions give.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct Certainty {
    /// How many resamples there are.
    #[schemars(example = 100)]
    pub resamples: usize,
    /// The share of them that end in the same micro-segment, 0 to 1.
    #[schemars(example = 0.83)]
    pub same_segment: f64,
    /// The micro-segments that they end in, the most frequent first.
    pub segments: Vec<SegmentShare>,
    /// 95 % intervals of the outputs, by name.
    #[schemars(example = [("openness", [0.47, 0.53])].into_iter().collect::<BTreeMap<_, _>>())]
    pub traits: BTreeMap<String, [f32; 2]>,
    /// 95 % intervals of the numbers of the last state.
    #[schemars(example = [[-0.12_f32, -0.05], [0.31, 0.38]])]
    pub state: Vec<[f32; 2]>,
}

/// A micro-segment, and how often resamples end there.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
#[schemars(rename = "ResampledSegment")]
pub struct SegmentShare {
    /// The micro-segment.
    #[schemars(example = &"2.1")]
    pub id: String,
    /// The share of the resamples, 0 to 1.
    #[schemars(example = 0.83)]
    pub share: f64,
}
