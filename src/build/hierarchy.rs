//! Hierarchy of groups: split after split, as long as each split is stable.

use linfa::DatasetBase;
use linfa::metrics::SilhouetteScore as _;
use ndarray::{Array1, Array2, ArrayView2, Axis, Slice};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use super::clusters::{RESAMPLES, assign, most_stable_split, resample, split_into};
use super::rand_index::adjusted_rand_index;
use microseg_space::{FeatureComparison, square_distance};

/// Levels below the whole population.
pub(super) const LEVELS: usize = 2;

/// The least part of the population that a group must hold to be split further.
pub(super) const LEAST_SHARE: f64 = 0.05;

/// The least stability of a split.
pub(super) const LEAST_STABILITY: f64 = 0.8;

/// The fewest customers of a segment: a mean over fewer would disclose each of them.
pub(super) const LEAST_MEMBERS: usize = 20;

/// The most customers of the silhouette, whose cost grows with their square.
const SILHOUETTE_SAMPLE: usize = 2_000;

/// A group and its parts.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) center: Array1<f64>,
    /// The largest first; none for a leaf.
    pub(super) parts: Vec<Group>,
    /// Of its split into these parts.
    pub(super) split_stability: Option<f64>,
}

/// A feature's hierarchy, and its stability.
#[derive(Debug, Clone)]
pub(super) struct Hierarchy {
    /// The whole population.
    pub(super) root: Group,
    /// For each row the place of its leaf, in the order of [`Group::leaves`].
    pub(super) leaf_of_row: Vec<usize>,
    /// Adjusted Rand index between the leaves and those of resampled populations.
    pub(super) stability: f64,
}

impl Group {
    /// The groups without parts, in order.
    pub(super) fn leaves(&self) -> Vec<&Group> {
        if self.parts.is_empty() {
            return vec![self];
        }
        self.parts.iter().flat_map(Group::leaves).collect()
    }
}

/// Finds the hierarchy of rows in no order, each a customer's numbers in standard deviations.
pub(super) fn find(rows: ArrayView2<'_, f64>, seed: u64) -> Hierarchy {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let root = grow(rows, rows.nrows(), LEVELS, &mut random);
    let leaf_of_row = assign(rows, &centers(&root));
    let mut agreement = 0.0;
    for _ in 0..RESAMPLES {
        let again = regrow(resample(rows, &mut random).view(), &root);
        agreement += adjusted_rand_index(&leaf_of_row, &assign(rows, &centers(&again)));
    }
    #[expect(clippy::cast_precision_loss, reason = "a few")]
    let stability = agreement / RESAMPLES as f64;
    Hierarchy {
        root,
        leaf_of_row,
        stability,
    }
}

impl Hierarchy {
    /// The hierarchy in one row of a table.
    pub(super) fn summary(&self, features: &str, rows: ArrayView2<'_, f64>) -> FeatureComparison {
        FeatureComparison {
            features: features.to_owned(),
            dimensions: rows.ncols(),
            first_level: self.root.parts.len().max(1),
            leaves: self.root.leaves().len(),
            first_split_stability: self.root.split_stability,
            stability: self.stability,
            silhouette: self.silhouette(rows),
            explained_variance: self.explained_variance(rows),
        }
    }

    fn silhouette(&self, rows: ArrayView2<'_, f64>) -> Option<f64> {
        let count = rows.nrows().min(SILHOUETTE_SAMPLE);
        let labels = Array1::from_iter(self.leaf_of_row.iter().take(count).copied());
        if labels.iter().all(|label| *label == labels[0]) {
            return None;
        }
        let sample = rows.slice_axis(Axis(0), Slice::from(..count)).to_owned();
        DatasetBase::from(sample)
            .with_targets(labels)
            .silhouette_score()
            .ok()
    }

    fn explained_variance(&self, rows: ArrayView2<'_, f64>) -> f64 {
        let mean = mean(rows);
        let leaves = self.root.leaves().len();
        let mut between = 0.0;
        for leaf in 0..leaves {
            let members: Vec<usize> = (0..rows.nrows())
                .filter(|row| self.leaf_of_row[*row] == leaf)
                .collect();
            #[expect(clippy::cast_precision_loss, reason = "a count of customers")]
            let count = members.len() as f64;
            if count > 0.0 {
                let center = self::mean(rows.select(Axis(0), &members).view());
                between += count * square_distance(&center, &mean);
            }
        }
        let all: f64 = rows
            .rows()
            .into_iter()
            .map(|row| square_distance(row, &mean))
            .sum();
        if all > 0.0 {
            (between / all).clamp(0.0, 1.0)
        } else {
            0.0
        }
    }
}

fn grow(
    rows: ArrayView2<'_, f64>,
    population: usize,
    levels: usize,
    random: &mut ChaCha8Rng,
) -> Group {
    let leaf = Group {
        center: mean(rows),
        parts: Vec::new(),
        split_stability: None,
    };
    #[expect(clippy::cast_precision_loss, reason = "a count of customers")]
    let share = rows.nrows() as f64 / population as f64;
    if levels == 0 || share < LEAST_SHARE {
        return leaf;
    }
    let Some(split) = most_stable_split(rows, LEAST_MEMBERS, random)
        .filter(|split| split.stability >= LEAST_STABILITY)
    else {
        return leaf;
    };
    let members = members(rows, &split.centers);
    let mut parts: Vec<(usize, Group)> = members
        .iter()
        .map(|part| {
            (
                part.nrows(),
                grow(part.view(), population, levels - 1, random),
            )
        })
        .collect();
    parts.sort_by_key(|(size, _)| std::cmp::Reverse(*size));
    Group {
        parts: parts.into_iter().map(|(_, group)| group).collect(),
        split_stability: Some(split.stability),
        ..leaf
    }
}

/// The hierarchy of other rows with the same number of parts in the same places.
fn regrow(rows: ArrayView2<'_, f64>, pattern: &Group) -> Group {
    let leaf = Group {
        center: mean(rows),
        parts: Vec::new(),
        split_stability: None,
    };
    if pattern.parts.is_empty() || rows.nrows() <= pattern.parts.len() {
        return leaf;
    }
    let Some(found) = split_into(rows, pattern.parts.len()) else {
        return leaf;
    };
    let parts = members(rows, &found)
        .iter()
        .filter(|part| part.nrows() > 0)
        .map(|part| {
            let center = mean(part.view());
            let nearest = pattern.parts.iter().min_by(|a, b| {
                let distance = |group: &Group| square_distance(&center, &group.center);
                distance(a).total_cmp(&distance(b))
            });
            regrow(part.view(), nearest.unwrap_or(&leaf))
        })
        .collect();
    Group { parts, ..leaf }
}

fn members(rows: ArrayView2<'_, f64>, centers: &Array2<f64>) -> Vec<Array2<f64>> {
    let labels = assign(rows, centers);
    (0..centers.nrows())
        .map(|part| {
            let members: Vec<usize> = (0..rows.nrows())
                .filter(|row| labels[*row] == part)
                .collect();
            rows.select(Axis(0), &members)
        })
        .collect()
}

fn centers(root: &Group) -> Array2<f64> {
    let leaves = root.leaves();
    Array2::from_shape_fn((leaves.len(), root.center.len()), |(leaf, column)| {
        leaves[leaf].center[column]
    })
}

fn mean(rows: ArrayView2<'_, f64>) -> Array1<f64> {
    rows.mean_axis(Axis(0))
        .unwrap_or_else(|| Array1::zeros(rows.ncols()))
}

#[cfg(test)]
mod tests {
    use rand::RngExt as _;

    use super::*;

    #[test]
    fn clusters_of_clusters_give_two_levels() {
        let mut random = ChaCha8Rng::seed_from_u64(5);
        let rows = Array2::from_shape_fn((1_200, 2), |(row, column)| {
            let cluster = [[0.0, 0.0], [100.0, 0.0], [0.0, 100.0]][row % 3][column];
            let part = [[0.0, 0.0], [9.0, 9.0]][row / 3 % 2][column];
            cluster + part + random.random::<f64>()
        });
        let hierarchy = find(rows.view(), 1);
        assert_eq!(hierarchy.root.parts.len(), 3);
        assert_eq!(hierarchy.root.leaves().len(), 6);
        assert!(hierarchy.stability > 0.999);
        let summary = hierarchy.summary("clusters", rows.view());
        assert!(summary.explained_variance > 0.99 && summary.silhouette.unwrap() > 0.9);
    }

    #[test]
    fn identical_customers_are_one_segment() {
        let rows = Array2::ones((200, 3));
        let hierarchy = find(rows.view(), 1);
        assert_eq!(hierarchy.root.leaves().len(), 1);
        assert_eq!(hierarchy.summary("alike", rows.view()).silhouette, None);
    }
}
