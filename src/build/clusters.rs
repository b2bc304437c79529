//! Splits of a group of customers into parts, and their stability.
//!
//! Ward's linkage on a sample gives the first centers, k-means on all customers improves them. A stable split is found
//! again in resampled groups (Hennig, "Cluster-wise assessment of
//! cluster stability", 2007; here by the adjusted Rand index).

use kodama::{Dendrogram, Method, linkage};
use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_clustering::{KMeans, KMeansInit};
use ndarray::{Array2, ArrayView2, Axis, Slice};
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use super::rand_index::adjusted_rand_index;
use microseg_space as space;

/// The most customers of Ward's linkage, whose cost grows with their square.
const LINKAGE_SAMPLE: usize = 1_000;

/// The most rounds of k-means.
const ROUNDS: u64 = 100;

/// The fewest parts of a split.
pub(super) const FEWEST_PARTS: usize = 2;

/// The most parts of a split.
pub(super) const MOST_PARTS: usize = 8;

/// The resampled groups of each split's stability.
pub(super) const RESAMPLES: usize = 10;

/// A group's split.
#[derive(Debug, Clone)]
pub(super) struct Split {
    /// One row for each part.
    pub(super) centers: Array2<f64>,
    /// Mean adjusted Rand index with the splits of resampled groups.
    pub(super) stability: f64,
}

/// The most stable split, among those into [`FEWEST_PARTS`] to [`MOST_PARTS`] parts; `None` for a group
/// that is too small to be split at all. A split with a part of fewer than `least_members` is none.
pub(super) fn most_stable_split(
    rows: ArrayView2<'_, f64>,
    least_members: usize,
    random: &mut ChaCha8Rng,
) -> Option<Split> {
    if rows.nrows() <= MOST_PARTS {
        return None;
    }
    let parts = FEWEST_PARTS..=MOST_PARTS;
    let centers = splits(rows, parts.clone())?;
    let found: Vec<Vec<usize>> = centers
        .iter()
        .map(|centers| assign(rows, centers))
        .collect();
    let mut agreement = vec![0.0; centers.len()];
    for _ in 0..RESAMPLES {
        let again = splits(resample(rows, random).view(), parts.clone())?;
        for ((sum, centers), found) in agreement.iter_mut().zip(&again).zip(&found) {
            *sum += adjusted_rand_index(found, &assign(rows, centers));
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a few")]
    let resamples = RESAMPLES as f64;
    centers
        .into_iter()
        .zip(found)
        .zip(agreement)
        .filter(|((centers, found), _)| smallest(found, centers.nrows()) >= least_members)
        .map(|((centers, _), sum)| Split {
            centers,
            stability: sum / resamples,
        })
        // Of equally stable splits the coarser one: `max_by` would take the last.
        .reduce(|best, next| {
            if next.stability > best.stability {
                next
            } else {
                best
            }
        })
}

/// How many rows the smallest part has.
fn smallest(labels: &[usize], parts: usize) -> usize {
    let mut counts = vec![0; parts];
    for label in labels {
        counts[*label] += 1;
    }
    counts.into_iter().min().unwrap_or_default()
}

/// One split into `parts` parts.
pub(super) fn split_into(rows: ArrayView2<'_, f64>, parts: usize) -> Option<Array2<f64>> {
    splits(rows, parts..=parts)?.pop()
}

/// As many rows, drawn with replacement.
pub(super) fn resample(rows: ArrayView2<'_, f64>, random: &mut ChaCha8Rng) -> Array2<f64> {
    let drawn: Vec<usize> = (0..rows.nrows())
        .map(|_| random.random_range(0..rows.nrows()))
        .collect();
    rows.select(Axis(0), &drawn)
}

/// For each row the nearest center.
pub(super) fn assign(rows: ArrayView2<'_, f64>, centers: &Array2<f64>) -> Vec<usize> {
    rows.rows()
        .into_iter()
        .map(|row| {
            let centers = centers.rows().into_iter();
            space::nearest(centers.map(|center| space::square_distance(row, center)))
        })
        .collect()
}

/// The centers of the splits into each of several numbers of parts.
fn splits(
    rows: ArrayView2<'_, f64>,
    parts: std::ops::RangeInclusive<usize>,
) -> Option<Vec<Array2<f64>>> {
    // Rows come in no order, or were drawn: the first ones are a sample.
    let sample = rows.slice_axis(Axis(0), Slice::from(..rows.nrows().min(LINKAGE_SAMPLE)));
    let mut distances = Vec::with_capacity(sample.nrows() * sample.nrows() / 2);
    for (index, one) in sample.rows().into_iter().enumerate() {
        for other in sample.rows().into_iter().skip(index + 1) {
            distances.push(space::distance(one, other));
        }
    }
    let tree = linkage(&mut distances, sample.nrows(), Method::Ward);
    parts
        .map(|parts| {
            let labels = cut(&tree, parts);
            let mut centers = Array2::zeros((parts, rows.ncols()));
            let mut counts = vec![0.0; parts];
            for (row, &label) in sample.rows().into_iter().zip(&labels) {
                centers.row_mut(label).scaled_add(1.0, &row);
                counts[label] += 1.0;
            }
            for (mut center, count) in centers.rows_mut().into_iter().zip(counts) {
                center /= f64::max(count, 1.0);
            }
            KMeans::params(parts)
                .init_method(KMeansInit::Precomputed(centers))
                .n_runs(1)
                .max_n_iterations(ROUNDS)
                .fit(&DatasetBase::from(rows))
                .ok()
                .map(|fitted| fitted.centroids().clone())
        })
        .collect()
}

/// The part that each observation falls into when the last merges are undone, numbered in order of appearance.
fn cut(tree: &Dendrogram<f64>, parts: usize) -> Vec<usize> {
    let observations = tree.observations();
    let merges = observations.saturating_sub(parts);
    // A merge makes the cluster `observations + its number` of two earlier ones.
    let mut above: Vec<Option<usize>> = vec![None; observations + merges];
    for (number, step) in tree.steps().iter().take(merges).enumerate() {
        above[step.cluster1] = Some(observations + number);
        above[step.cluster2] = Some(observations + number);
    }
    let mut tops = Vec::new();
    (0..observations)
        .map(|observation| {
            let mut top = observation;
            while let Some(next) = above[top] {
                top = next;
            }
            tops.iter()
                .position(|known| *known == top)
                .unwrap_or_else(|| {
                    tops.push(top);
                    tops.len() - 1
                })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use rand::SeedableRng as _;

    use super::*;

    #[test]
    fn three_clusters_split_into_three_parts() {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let clusters = [[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]];
        let rows = Array2::from_shape_fn((300, 2), |(row, column)| {
            clusters[row % 3][column] + random.random::<f64>()
        });
        let split = most_stable_split(rows.view(), 1, &mut random).unwrap();
        assert_eq!(split.centers.nrows(), 3);
        assert!(split.stability > 0.999, "{}", split.stability);
        let labels = assign(rows.view(), &split.centers);
        assert!((3..300).all(|row| labels[row] == labels[row % 3]));
    }

    #[test]
    fn identical_customers_have_no_split() {
        let rows = Array2::ones((50, 2));
        let mut random = ChaCha8Rng::seed_from_u64(1);
        // All customers are nearest to the same center: the other parts are empty.
        assert!(most_stable_split(rows.view(), 1, &mut random).is_none());
    }
}
