//! Strata of coalitions: those that leave out as many parts, or keep as many.
//!
//! Within a size every coalition is as likely as another, so those that were drawn count alike, and together as much as all of
//! that size do. Sizes that are complete leave nothing to chance, and others the less, the more of their coalitions were drawn.

use super::perturbation::Perturbation;

/// The sizes of coalitions.
pub(super) struct Strata {
    parts: usize,
    /// How many pairs there are of each size; a pair has two sizes, and counts for the smaller.
    drawn: Vec<f64>,
}

impl Strata {
    /// Of perturbations that are the customer and then coalitions in pairs; the last one may lack its complement.
    pub(super) fn new(perturbations: &[Perturbation], parts: usize) -> Self {
        let mut strata = Self {
            parts,
            drawn: vec![0.0; parts / 2 + 1],
        };
        let coalitions = perturbations.iter().skip(1);
        let mut group = None;
        for one in coalitions {
            if group != Some(one.group) {
                group = Some(one.group);
                let size = strata.size(one);
                strata.drawn[size] += 1.0;
            }
        }
        strata
    }

    /// What each perturbation weighs, in Shapley's kernel.
    pub(super) fn weights(&self, perturbations: &[Perturbation]) -> Vec<f64> {
        let weight = |one: &Perturbation| {
            let size = self.size(one);
            if size == 0 {
                return one.weight;
            }
            let sides = if 2 * size == self.parts { 1.0 } else { 2.0 };
            let mass = sides * count(self.parts - 1) / (count(size) * count(self.parts - size));
            mass / (2.0 * self.drawn[size].max(1.0))
        };
        perturbations.iter().map(weight).collect()
    }

    /// Takes from each group's influence, one row of `pulls`, what is common to its size, and scales it by how much of that size
    /// was not drawn: the sum of their squares is then the variance of a stratified sample without replacement (Cochran 1977,
    /// theorem 5.3). `firsts` has the first perturbation of each group.
    pub(super) fn center(&self, firsts: &[&Perturbation], pulls: &mut [Vec<f64>]) {
        let unknowns = pulls.first().map_or(0, Vec::len);
        let mut means = vec![vec![0.0; unknowns]; self.drawn.len()];
        for (first, pull) in firsts.iter().zip(&*pulls) {
            let size = self.size(first);
            for (mean, pull) in means[size].iter_mut().zip(pull) {
                *mean += pull / self.drawn[size].max(1.0);
            }
        }
        for (first, pull) in firsts.iter().zip(pulls) {
            let size = self.size(first);
            let drawn = self.drawn[size];
            let left = (1.0 - drawn / self.pairs(size)).max(0.0);
            // The mean of a single one would be itself.
            let (centered, factor) = if drawn > 1.5 {
                (1.0, (left * drawn / (drawn - 1.0)).sqrt())
            } else {
                (0.0, left.sqrt())
            };
            for (pull, mean) in pull.iter_mut().zip(&means[size]) {
                *pull = factor * (*pull - centered * mean);
            }
        }
    }

    /// The smaller of the sizes of a coalition and its complement.
    fn size(&self, one: &Perturbation) -> usize {
        one.moves.len().min(self.parts - one.moves.len())
    }

    /// How many pairs of a size there are; as a float, since there may be more than any integer counts.
    fn pairs(&self, size: usize) -> f64 {
        let subsets: f64 = (0..size)
            .map(|k| count(self.parts - k) / count(k + 1))
            .product();
        let halved = if 2 * size == self.parts { 0.5 } else { 1.0 };
        (subsets * halved).round()
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of parts")]
fn count(number: usize) -> f64 {
    number as f64
}
