//! Perturbations: what the customer's spending would be without some of its parts.

use std::collections::HashSet;

use ndarray::{Array3, ArrayView2};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::explain::part::Part;
use crate::history::write_shares;

/// A perturbation takes away up to a quarter of the customer's parts: near the customer a linear surrogate holds, far
/// away it does not.
const LARGEST_FRACTION_REMOVED: usize = 4;

/// Customers with so few parts that a quarter of them allows fewer perturbations may lose more than a quarter.
const LEAST_MASKS: usize = 128;

/// Every fifth perturbation is kept from the fit, to judge it.
const HELD_OUT_EVERY: usize = 5;

/// One perturbation: which parts of the spending are taken away.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Perturbation {
    /// Indices into the parts, ascending.
    pub(super) removed: Vec<usize>,
    /// How much it counts: 1 for the customer, less for what is further away.
    pub(super) weight: f64,
    /// Whether the surrogate is judged on it instead of fitted to it.
    pub(super) held_out: bool,
}

/// Draws `samples` perturbations, no two alike; the first takes nothing away. Fewer when there are not as many.
pub(super) fn draw(
    parts: &[Part],
    samples: usize,
    seed: u64,
    kernel_width: f64,
) -> Vec<Perturbation> {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let most = most_removed(parts.len());
    // Drawing at random finds new masks fast as long as there are twice as many; else they are few enough to list.
    let masks = if number_of_masks(parts.len(), most) >= 2 * samples {
        distinct_masks(&mut generator, parts.len(), most, samples - 1)
    } else {
        some_of_all_masks(&mut generator, parts.len(), most, samples - 1)
    };
    let nothing_removed = Perturbation {
        removed: Vec::new(),
        weight: 1.0,
        held_out: false,
    };
    let removals = masks
        .into_iter()
        .enumerate()
        .map(|(index, removed)| Perturbation {
            weight: kernel(
                removed.iter().map(|&part| parts[part].share).sum(),
                kernel_width,
            ),
            held_out: index % HELD_OUT_EVERY == HELD_OUT_EVERY - 1,
            removed,
        });
    std::iter::once(nothing_removed).chain(removals).collect()
}

/// How close a perturbation is: exp(-(distance / width)²), Ribeiro et al. 2016, section 3.4, with distance in money: the
/// share of the spending that is taken away.
fn kernel(distance: f64, width: f64) -> f64 {
    (-(distance / width).powi(2)).exp()
}

/// The profiles `[B, T, K]` of perturbed totals `[T, K]`.
pub(super) fn profiles(
    spending: ArrayView2<'_, f64>,
    parts: &[Part],
    removals: &[&[usize]],
) -> Array3<f32> {
    let (periods, classes) = spending.dim();
    let mut inputs = Array3::zeros((removals.len(), periods, classes));
    let mut left = spending.to_owned();
    for (removed, mut profile) in removals.iter().zip(inputs.outer_iter_mut()) {
        left.assign(&spending);
        for &part in *removed {
            parts[part].cells(left.view_mut()).fill(0.0);
        }
        for (row, mut shares) in left.rows().into_iter().zip(profile.rows_mut()) {
            write_shares(row.iter().copied(), shares.iter_mut());
        }
    }
    inputs
}

/// How many ways there are to remove up to `most` of `parts`, removing none included.
fn number_of_masks(parts: usize, most: usize) -> usize {
    let mut ways = 1_usize;
    let mut sum = 1_usize;
    for removed in 1..=most {
        // Exact: a product of consecutive numbers is divisible by as many factorial terms. Saturated is large enough.
        ways = match ways.checked_mul(parts + 1 - removed) {
            Some(product) => product / removed,
            None => return usize::MAX,
        };
        sum = sum.saturating_add(ways);
    }
    sum
}

/// How many parts one perturbation takes away at the most. It depends on the customer alone: more samples must make
/// the same picture sharper, not another one.
fn most_removed(parts: usize) -> usize {
    let quarter = parts.div_ceil(LARGEST_FRACTION_REMOVED);
    (quarter..parts)
        .find(|&most| number_of_masks(parts, most) >= LEAST_MASKS)
        .unwrap_or(parts)
}

/// The ways to remove one to `most` parts, in random order and cut to `wanted`.
fn some_of_all_masks(
    generator: &mut ChaCha8Rng,
    parts: usize,
    most: usize,
    wanted: usize,
) -> Vec<Vec<usize>> {
    let mut masks: Vec<Vec<usize>> = (1_usize..1 << parts)
        .filter(|bits| bits.count_ones() as usize <= most)
        .map(|bits| (0..parts).filter(|part| bits >> part & 1 == 1).collect())
        .collect();
    for place in (1..masks.len()).rev() {
        masks.swap(place, below(generator, place + 1));
    }
    masks.truncate(wanted);
    masks
}

fn distinct_masks(
    generator: &mut ChaCha8Rng,
    parts: usize,
    most: usize,
    wanted: usize,
) -> Vec<Vec<usize>> {
    let mut seen = HashSet::with_capacity(wanted);
    let mut masks = Vec::with_capacity(wanted);
    let mut order: Vec<usize> = (0..parts).collect();
    while masks.len() < wanted {
        let removed = 1 + below(generator, most);
        for place in 0..removed {
            let other = place + below(generator, parts - place);
            order.swap(place, other);
        }
        let mut mask = order[..removed].to_vec();
        mask.sort_unstable();
        if seen.insert(mask.clone()) {
            masks.push(mask);
        }
    }
    masks
}

/// A number from 0 to `bound - 1`, the high half of a 64-bit product. An explanation must come out the same in years,
/// so its draws are spelled out here rather than left to a library's next version.
#[expect(clippy::cast_possible_truncation, reason = "less than the bound")]
fn below(generator: &mut ChaCha8Rng, bound: usize) -> usize {
    ((u128::from(generator.next_u64()) * bound as u128) >> 64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::Level;
    use crate::explain::part::parts;
    use ndarray::{Array2, array};

    fn classes(count: usize) -> Vec<Part> {
        parts(Array2::ones((2, count)).view(), Level::Class)
    }

    #[test]
    fn no_two_perturbations_are_alike_and_a_fifth_is_held_out() {
        let perturbations = draw(&classes(44), 512, 7, 0.25);
        assert_eq!(perturbations.len(), 512);
        let distinct: HashSet<_> = perturbations
            .iter()
            .map(|one| one.removed.clone())
            .collect();
        assert_eq!(distinct.len(), 512);
        assert_eq!(perturbations.iter().filter(|one| one.held_out).count(), 102);
        assert!(perturbations.iter().all(|one| one.removed.len() <= 11));
        assert!(!perturbations[0].held_out && perturbations[0].removed.is_empty());
    }

    #[test]
    fn the_seed_decides_and_nothing_else() {
        assert_eq!(
            draw(&classes(44), 64, 7, 0.25),
            draw(&classes(44), 64, 7, 0.25)
        );
        assert_ne!(
            draw(&classes(44), 64, 7, 0.25),
            draw(&classes(44), 64, 8, 0.25)
        );
    }

    #[test]
    fn few_classes_are_enumerated_and_more_samples_do_not_reach_further() {
        for (count, all) in [(1, 2), (2, 4), (5, 32), (7, 128), (9, 130), (15, 1_941)] {
            let perturbations = draw(&classes(count), 8_192, 7, 0.25);
            assert_eq!(perturbations.len(), all, "{count} classes");
        }
        let farthest = |samples| {
            let perturbations = draw(&classes(15), samples, 7, 0.25);
            perturbations
                .iter()
                .map(|one| one.removed.len())
                .max()
                .unwrap()
        };
        assert_eq!((farthest(512), farthest(8_192)), (4, 4));
    }

    #[test]
    fn a_removed_class_leaves_the_totals_and_shares_are_computed_again() {
        let spending = array![[30.0, 0.0, 10.0], [0.0, 0.0, 5.0]];
        let classes = parts(spending.view(), Level::Class);
        let inputs = profiles(spending.view(), &classes, &[&[], &[1]]);
        assert_eq!(
            inputs,
            array![
                [[0.75, 0.0, 0.25], [0.0, 0.0, 1.0]],
                [[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
            ]
        );
    }
}
