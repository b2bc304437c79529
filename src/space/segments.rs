//! Micro-segments: a hierarchy of clusters over the states in which customers' trajectories end.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::distance::{distance, nearest};
use super::error::SpaceError;
use super::population::Spread;
use super::shape::Shape;

const TABLE: &str = "segments";

/// The hierarchy as a manifest holds it.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentsDocument {
    /// How many customers were clustered.
    pub customers: u64,
    /// How the clusters were chosen.
    pub selection: Selection,
    /// Adjusted Rand index between the leaves and the leaves found again in resampled populations, mean.
    pub stability: f64,
    /// The same for the first split alone; `null` when nothing splits.
    pub first_split_stability: Option<f64>,
    /// Every segment above its parts: `1`, `1.1`, `1.2`, `2` …
    pub segments: Vec<Segment>,
    /// The same rule on other features of the same customers.
    pub comparison: Vec<FeatureComparison>,
}

/// The rule that decides into how many parts a group of customers falls.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SegmentSelection")]
pub struct Selection {
    /// How a group is split: the names of the methods.
    pub method: String,
    /// The fewest and the most parts that are tried.
    pub parts: [usize; 2],
    /// How many levels there may be.
    pub levels: usize,
    /// The least part of all customers that a group must hold to be split.
    pub least_share: f64,
    /// How many resampled populations each choice is tried on.
    pub resamples: usize,
    /// The least mean adjusted Rand index that a split must reach.
    pub least_stability: f64,
}

/// A group of customers whose trajectories end close together.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// Its place in the hierarchy, such as `2.1`: the first part of the second.
    pub id: String,
    /// The traits that set its customers apart from the group above.
    pub label: String,
    /// The part of the population that it holds, 0 to 1.
    pub share: f64,
    /// The mean of the final states that were grouped to make it, H numbers; customers belong to the nearest leaf's.
    pub center: Vec<f64>,
    /// The mean of its customers' outputs, O numbers.
    pub traits: Vec<f64>,
    /// Mean adjusted Rand index of its split into parts; `null` for a leaf.
    pub split_stability: Option<f64>,
    /// The mean of its customers' shares of spending in their last periods, K numbers; absent in bundles that were built before
    /// there were explanations against a micro-segment, and where the network reads more than shares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = [0.62, 0.38])]
    pub shares: Option<Vec<f64>>,
}

/// The result of the same rule on one kind of feature.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeatureComparison {
    /// The features that were clustered, such as `states`, `traits`, or a comparator's name.
    pub features: String,
    /// How many numbers a customer has.
    pub dimensions: usize,
    /// Into how many parts the first split goes.
    pub first_level: usize,
    /// How many leaves there are.
    pub leaves: usize,
    /// Adjusted Rand index of the first split, mean over resampled populations; `null` when nothing splits.
    pub first_split_stability: Option<f64>,
    /// The same for the leaves.
    pub stability: f64,
    /// Mean silhouette of the leaves, -1 to 1; `null` when there is one.
    pub silhouette: Option<f64>,
    /// Part of the features' variance that lies between the leaves, 0 to 1.
    pub explained_variance: f64,
}

/// The hierarchy, which locates a state.
#[derive(Debug, Clone, PartialEq)]
pub struct Segments {
    document: SegmentsDocument,
    scale: Spread,
    leaves: Vec<Leaf>,
}

#[derive(Debug, Clone, PartialEq)]
struct Leaf {
    /// The place of its segment in the document.
    segment: usize,
    /// In deviations of the final states, H numbers.
    center: Vec<f64>,
}

/// Where a state lies.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
#[schemars(rename = "NearestSegment")]
pub struct Located {
    /// The leaf whose center is nearest.
    pub id: String,
    /// From the top of the hierarchy to that leaf.
    pub path: Vec<PathStep>,
    /// How far its center is, in standard deviations of the population's final states.
    pub distance: f64,
    /// How much farther the second nearest leaf is; `null` when there is only one.
    pub margin: Option<f64>,
}

/// One segment on a path.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize)]
pub struct PathStep {
    /// The segment.
    pub id: String,
    /// The traits that set it apart from the group above.
    pub label: String,
}

impl Segments {
    pub(super) fn new(
        document: SegmentsDocument,
        scale: &Spread,
        shape: &Shape,
    ) -> Result<Self, SpaceError> {
        let mut ids = BTreeSet::new();
        for segment in &document.segments {
            let fault = |reason: &str| Err(SpaceError::new(TABLE, &segment.id, reason));
            if let Some(parent) = parent(&segment.id)
                && !ids.contains(parent)
            {
                return fault("the group above must come first");
            }
            if segment.id.is_empty() || !ids.insert(segment.id.as_str()) {
                return fault("expected an id of its own");
            }
            SpaceError::expect_length(TABLE, "center", segment.center.len(), shape.hidden_size)?;
            SpaceError::expect_length(TABLE, "traits", segment.traits.len(), shape.outputs)?;
            SpaceError::expect_share(TABLE, "share", segment.share)?;
            if let Some(shares) = &segment.shares {
                for &share in shares {
                    SpaceError::expect_share(TABLE, "shares", share)?;
                }
            }
        }
        let groups: BTreeSet<&str> = ids.iter().filter_map(|id| parent(id)).collect();
        let leaves: Vec<Leaf> = document
            .segments
            .iter()
            .enumerate()
            .filter(|(_, segment)| !groups.contains(segment.id.as_str()))
            .map(|(index, segment)| Leaf {
                segment: index,
                center: scale.standardize(segment.center.iter().copied()).collect(),
            })
            .collect();
        if leaves.is_empty() {
            return Err(SpaceError::new(
                TABLE,
                "segments",
                "expected at least one segment",
            ));
        }
        Ok(Self {
            document,
            scale: scale.clone(),
            leaves,
        })
    }

    /// The tables.
    #[must_use]
    pub fn document(&self) -> &SegmentsDocument {
        &self.document
    }

    /// The segments that have no parts, in the order of their ids.
    #[must_use]
    pub fn leaves(&self) -> impl ExactSizeIterator<Item = &Segment> {
        self.leaves
            .iter()
            .map(|leaf| &self.document.segments[leaf.segment])
    }

    /// The leaf that a state of H numbers lies in: the one with the nearest center.
    ///
    /// # Panics
    /// Never: there is at least one leaf.
    #[must_use]
    pub fn locate(&self, state: &[f32]) -> Located {
        let distances = self.distances(state);
        let nearest = nearest(distances.iter().copied());
        let second = distances
            .iter()
            .enumerate()
            .filter(|&(index, _)| index != nearest)
            .map(|(_, &distance)| distance)
            .min_by(f64::total_cmp);
        let id = &self.document.segments[self.leaves[nearest].segment].id;
        let path = self
            .document
            .segments
            .iter()
            .filter(|segment| contains(&segment.id, id))
            .map(|segment| PathStep {
                id: segment.id.clone(),
                label: segment.label.clone(),
            })
            .collect();
        Located {
            id: id.clone(),
            path,
            distance: distances[nearest],
            margin: second.map(|second| second - distances[nearest]),
        }
    }

    /// How far each leaf's center is from a state, in standard deviations of the population's final states.
    #[must_use]
    pub fn distances(&self, state: &[f32]) -> Vec<f64> {
        let place = self.place(state);
        self.leaves
            .iter()
            .map(|leaf| distance(&place, &leaf.center))
            .collect()
    }

    /// A state in standard deviations of the population's final states.
    pub(super) fn place(&self, state: &[f32]) -> Vec<f64> {
        let numbers = state.iter().copied().map(f64::from);
        self.scale.standardize(numbers).collect()
    }

    /// A slope by deviations as a slope by the state's own numbers.
    pub(super) fn slope(&self, by_deviations: impl Iterator<Item = f64>) -> Vec<f64> {
        self.scale.slope(by_deviations).collect()
    }

    /// The id of a leaf.
    pub(super) fn leaf(&self, leaf: usize) -> &str {
        &self.document.segments[self.leaves[leaf].segment].id
    }

    /// The center of a leaf, in deviations.
    pub(super) fn center(&self, leaf: usize) -> &[f64] {
        &self.leaves[leaf].center
    }
}

/// The id of the group that a segment is a part of.
fn parent(id: &str) -> Option<&str> {
    id.rsplit_once('.').map(|(parent, _)| parent)
}

/// Whether the segment `group` holds the segment `id`, or is it.
fn contains(group: &str, id: &str) -> bool {
    id.strip_prefix(group)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
