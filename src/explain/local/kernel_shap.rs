//! The design of `kernel-shap`: coalitions, which keep some of the parts and take the others away.
//!
//! Lundberg & Lee 2017, theorem 2: weighted least squares over all coalitions, with the weight
//! `(D - 1) / (C(D, s) s (D - s))` for s of D parts, gives the Shapley values. Sizes whose coalitions fit into the
//! budget are all taken, smallest and largest first, since these weigh most; the others are drawn by their weight.

use std::collections::HashMap;

use super::equations::Form;
use super::local_method::LocalMethod;
use super::perturbation::{Plan, without};
use super::random::Generator;

/// `kernel-shap` as records of version 0.1 have it, where every fifth pair is held out: they are verified by it.
#[derive(Debug)]
pub(crate) struct KernelShap;

impl LocalMethod for KernelShap {
    fn draw(&self, generator: &mut Generator, parts: usize, samples: usize) -> Plan {
        draw(generator, parts, samples)
    }

    fn form<'a>(&self, absent: &'a [f64]) -> Form<'a> {
        Form::Efficient(absent)
    }
}

/// A coalition and its complement, by the parts that are taken away, and what each of the two weighs.
struct Pair {
    removed: Vec<usize>,
    weight: f64,
}

/// Draws coalitions in pairs with their complements: `samples` perturbations, the customer and the empty coalition
/// counted. When that is enough for all 2^D coalitions, it takes them all.
pub(super) fn draw(generator: &mut Generator, parts: usize, samples: usize) -> Plan {
    let exhaustive = parts < usize::BITS as usize && 1_usize << parts <= samples;
    let mut budget = (samples - 2) / 2;
    let mut pairs = Vec::new();
    let mut left: Vec<Size> = sizes(parts);
    while let Some(size) = left.first() {
        let mass: f64 = left.iter().map(|size| size.mass).sum();
        if !exhaustive && count(budget) * size.mass / mass < size.pairs {
            break;
        }
        let all = subsets(parts, size.removed, size.halved);
        budget = budget.saturating_sub(all.len());
        let weight = size.mass / count(2 * all.len());
        pairs.extend(all.into_iter().map(|removed| Pair { removed, weight }));
        left.remove(0);
    }
    pairs.extend(drawn(generator, parts, &left, budget));
    generator.shuffle(&mut pairs);
    let coalitions = pairs.into_iter().flat_map(|pair| {
        let complement = (0..parts)
            .filter(|part| !pair.removed.contains(part))
            .collect();
        [pair.removed, complement].map(|removed| (without(removed), pair.weight))
    });
    Plan::new(coalitions, 2, exhaustive)
}

/// All coalitions that take away `removed` parts, and their complements.
struct Size {
    removed: usize,
    /// Half of the parts: subsets and complements are of one size, and only half of the subsets make pairs.
    halved: bool,
    /// What the coalitions of this size weigh together.
    mass: f64,
    /// How many pairs there are.
    pairs: f64,
}

fn sizes(parts: usize) -> Vec<Size> {
    let of = |removed: usize| {
        let halved = 2 * removed == parts;
        let sides = if halved { 1.0 } else { 2.0 };
        Size {
            removed,
            halved,
            mass: sides * count(parts - 1) / (count(removed) * count(parts - removed)),
            pairs: binomial(parts, removed) * sides / 2.0,
        }
    };
    (1..=parts / 2).map(of).collect()
}

/// Pairs drawn by weight from sizes that are too many to list; a pair that is drawn again counts as often.
fn drawn(generator: &mut Generator, parts: usize, sizes: &[Size], budget: usize) -> Vec<Pair> {
    let mass: f64 = sizes.iter().map(|size| size.mass).sum();
    let mut order: Vec<usize> = (0..parts).collect();
    let mut places: HashMap<Vec<usize>, usize> = HashMap::with_capacity(budget);
    let mut found: Vec<(Vec<usize>, usize)> = Vec::with_capacity(budget);
    let mut draws = 0;
    // After this many draws little is left to be found.
    let most_draws = if sizes.is_empty() { 0 } else { 4 * budget };
    while found.len() < budget && draws < most_draws {
        draws += 1;
        let mut point = generator.uniform() * mass;
        let size = sizes.iter().find(|size| {
            point -= size.mass;
            point <= 0.0
        });
        let removed = size.or(sizes.last()).map_or(1, |size| size.removed);
        generator.choose(&mut order, removed);
        let mut subset = order[..removed].to_vec();
        subset.sort_unstable();
        // Of two halves the one that holds the first part stands for both.
        if 2 * removed == parts && subset[0] != 0 {
            subset = (0..parts).filter(|part| !subset.contains(part)).collect();
        }
        let place = *places.entry(subset.clone()).or_insert(found.len());
        match found.get_mut(place) {
            Some((_, times)) => *times += 1,
            None => found.push((subset, 1)),
        }
    }
    let weighed = found.into_iter().map(|(removed, times)| Pair {
        removed,
        weight: mass * count(times) / count(2 * draws),
    });
    weighed.collect()
}

/// The subsets of some size; of two halves only the one with the first part.
fn subsets(parts: usize, size: usize, halved: bool) -> Vec<Vec<usize>> {
    let mut subsets = Vec::new();
    let mut subset: Vec<usize> = (0..size).collect();
    loop {
        subsets.push(subset.clone());
        // The last place that can still move on.
        let Some(place) = (0..size)
            .rev()
            .find(|&place| subset[place] < parts - size + place)
        else {
            return subsets;
        };
        if halved && place == 0 {
            return subsets;
        }
        subset[place] += 1;
        for next in place + 1..size {
            subset[next] = subset[next - 1] + 1;
        }
    }
}

/// How many subsets of a size there are; as a float, since there may be more than any integer counts.
fn binomial(parts: usize, size: usize) -> f64 {
    (0..size).map(|k| count(parts - k) / count(k + 1)).product()
}

#[expect(clippy::cast_precision_loss, reason = "counts of perturbations")]
fn count(number: usize) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::random::Stream;
    use std::collections::HashSet;

    fn plan(parts: usize, samples: usize) -> Plan {
        draw(
            &mut Generator::new(5, Stream::Perturbations),
            parts,
            samples,
        )
    }

    #[test]
    fn few_parts_give_all_coalitions_with_their_shapley_weights() {
        for parts in 2..=9 {
            let plan = plan(parts, 512);
            assert!(plan.exhaustive);
            let others = &plan.perturbations[1..];
            assert_eq!(others.len(), (1 << parts) - 2, "{parts} parts");
            let masks: HashSet<Vec<usize>> = others
                .iter()
                .map(|one| one.moves.iter().map(|&(part, _)| part).collect())
                .collect();
            assert_eq!(masks.len(), others.len());
            for one in others {
                let size = one.moves.len();
                let expected =
                    count(parts - 1) / (binomial(parts, size) * count(size * (parts - size)));
                assert!(
                    (one.weight / expected - 1.0).abs() < 1e-12,
                    "{parts} {size}"
                );
            }
        }
        assert_eq!(plan(1, 512).perturbations.len(), 1);
    }

    #[test]
    fn many_parts_give_pairs_of_complements_with_the_mass_of_each_size() {
        let parts = 40;
        let plan = plan(parts, 512);
        assert!(!plan.exhaustive);
        assert_eq!(plan.perturbations.len(), 511);
        let mut mass = vec![0.0; parts];
        for pair in plan.perturbations[1..].chunks_exact(2) {
            assert_eq!(pair[0].moves.len() + pair[1].moves.len(), parts);
            assert_eq!(pair[0].held_out, pair[1].held_out);
            for one in pair {
                mass[one.moves.len()] += one.weight;
            }
        }
        let expected = |size: usize| count(parts - 1) / count(size * (parts - size));
        let total: f64 = (1..parts).map(expected).sum();
        assert!((mass.iter().sum::<f64>() / total - 1.0).abs() < 1e-9);
        // The smallest and the largest are all there; the others are drawn.
        for size in [1, 39] {
            assert!((mass[size] / expected(size) - 1.0).abs() < 1e-9, "{size}");
        }
    }
}
