//! The method `lime`: presence masks, which take away some of the customer's parts.

use std::collections::HashSet;

use super::local_method::LocalMethod;
use super::perturbation::{Plan, without};
use super::random::Generator;

/// A perturbation takes away up to a twelfth of the customer's parts: near the customer a linear surrogate holds, far
/// away it does not.
const LARGEST_FRACTION_REMOVED: usize = 12;

/// Customers with so few parts that a twelfth of them allows fewer perturbations may lose more.
const LEAST_MASKS: usize = 512;

/// `lime`: a mask that removes little of the spending weighs most.
#[derive(Debug)]
pub(crate) struct Lime;

impl LocalMethod for Lime {
    /// Draws `samples` masks, no two alike; the first takes nothing away. Fewer when there are not as many.
    fn draw(&self, generator: &mut Generator, parts: usize, samples: usize) -> Plan {
        let most = most_removed(parts);
        let all = number_of_masks(parts, most);
        // Drawing at random finds new masks fast as long as there are twice as many; else they are few enough to list.
        let masks = if all >= 2 * samples {
            distinct_masks(generator, parts, most, samples - 1)
        } else {
            let mut masks = all_masks(parts, most);
            generator.shuffle(&mut masks);
            masks.truncate(samples - 1);
            masks
        };
        let drawn = masks.into_iter().map(|mask| (without(mask), 1.0));
        Plan::new(drawn, 1, all <= samples)
    }

    fn has_kernel(&self) -> bool {
        true
    }
}

/// How many masks remove up to `most` of `parts`, removing none included.
fn number_of_masks(parts: usize, most: usize) -> usize {
    let mut of_size = 1_usize;
    let mut sum = 1_usize;
    for removed in 1..=most {
        // Exact: a product of consecutive numbers is divisible by as many factorial terms. Saturated is large enough.
        of_size = match of_size.checked_mul(parts + 1 - removed) {
            Some(product) => product / removed,
            None => return usize::MAX,
        };
        sum = sum.saturating_add(of_size);
    }
    sum
}

/// How many parts one perturbation takes away at the most. It depends on the customer alone: more samples must
/// not change what is fitted.
fn most_removed(parts: usize) -> usize {
    let fraction = parts.div_ceil(LARGEST_FRACTION_REMOVED);
    (fraction..parts)
        .find(|&most| number_of_masks(parts, most) >= LEAST_MASKS)
        .unwrap_or(parts)
}

/// The masks that remove one to `most` parts, fewest first.
fn all_masks(parts: usize, most: usize) -> Vec<Vec<usize>> {
    let mut masks: Vec<Vec<usize>> = Vec::new();
    let mut shorter: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..most {
        let longer: Vec<Vec<usize>> = shorter
            .iter()
            .flat_map(|mask| {
                let next = mask.last().map_or(0, |last| last + 1);
                (next..parts).map(move |part| mask.iter().copied().chain([part]).collect())
            })
            .collect();
        masks.extend(longer.iter().cloned());
        shorter = longer;
    }
    masks
}

fn distinct_masks(
    generator: &mut Generator,
    parts: usize,
    most: usize,
    wanted: usize,
) -> Vec<Vec<usize>> {
    let mut seen = HashSet::with_capacity(wanted);
    let mut masks = Vec::with_capacity(wanted);
    let mut order: Vec<usize> = (0..parts).collect();
    while masks.len() < wanted {
        let removed = 1 + generator.below(most);
        generator.choose(&mut order, removed);
        let mut mask = order[..removed].to_vec();
        mask.sort_unstable();
        if seen.insert(mask.clone()) {
            masks.push(mask);
        }
    }
    masks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::random::Stream;

    fn plan(parts: usize, samples: usize, seed: u64) -> Plan {
        let mut generator = Generator::new(seed, Stream::Perturbations);
        Lime.draw(&mut generator, parts, samples)
    }

    fn removed(plan: &Plan) -> Vec<usize> {
        plan.perturbations
            .iter()
            .map(|one| one.moves.len())
            .collect()
    }

    #[test]
    fn masks_of_many_parts_are_distinct_and_a_fifth_is_held_out() {
        let plan = plan(44, 512, 7);
        let masks: HashSet<String> = plan
            .perturbations
            .iter()
            .map(|one| format!("{:?}", one.moves))
            .collect();
        assert_eq!((plan.perturbations.len(), masks.len()), (512, 512));
        let held_out = plan.perturbations.iter().filter(|one| one.held_out);
        assert_eq!(held_out.count(), 102);
        assert_eq!(removed(&plan).iter().max(), Some(&4));
        assert!(!plan.exhaustive && plan.perturbations[0].moves.is_empty());
    }

    #[test]
    fn smaller_plan_of_a_seed_is_the_beginning_of_a_larger_one() {
        assert_eq!(plan(44, 64, 7), plan(44, 64, 7));
        assert_ne!(plan(44, 64, 7), plan(44, 64, 8));
        assert_eq!(
            plan(44, 64, 7).perturbations,
            plan(44, 512, 7).perturbations[..64]
        );
    }

    #[test]
    fn all_masks_of_few_parts_are_taken_and_more_samples_remove_no_more_parts() {
        for (parts, all) in [(1, 2), (2, 4), (5, 32), (9, 512), (10, 638), (15, 576)] {
            let plan = plan(parts, 8_192, 7);
            assert_eq!(
                (plan.perturbations.len(), plan.exhaustive),
                (all, true),
                "{parts} parts"
            );
        }
        let farthest = |samples| removed(&plan(15, samples, 7)).into_iter().max();
        assert_eq!((farthest(512), farthest(8_192)), (Some(3), Some(3)));
    }
}
