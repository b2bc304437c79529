//! Recovery of known effects by the surrogate's coefficients: the rule of the taxonomy, and planted co-spending.

use rand::SeedableRng as _;
use rand::seq::SliceRandom as _;
use rand_chacha::ChaCha8Rng;

use super::relations::Relation;
use microseg_history::Taxonomy;
use microseg_space::{RelationsRecovery, RuleRecovery, Spread, SurrogateDocument};

/// Random assignments that the correlation is compared with.
const PERMUTATIONS: usize = 9_999;

/// D B, `[O][K]`: what a period's share of a class adds to an output.
fn composed(surrogate: &SurrogateDocument) -> Vec<Vec<f64>> {
    let classes = surrogate.b.first().map_or(0, Vec::len);
    surrogate
        .d
        .iter()
        .map(|readout| {
            (0..classes)
                .map(|class| {
                    readout
                        .iter()
                        .zip(&surrogate.b)
                        .map(|(d, b)| d * b[class])
                        .sum()
                })
                .collect()
        })
        .collect()
}

/// Compares D B with the taxonomy's coefficients, for every output that has a column there.
pub(super) fn of_rule(
    surrogate: &SurrogateDocument,
    taxonomy: &Taxonomy,
    outputs: &[String],
) -> Vec<RuleRecovery> {
    let composed = composed(surrogate);
    let columns = taxonomy.traits().iter().enumerate();
    columns
        .filter_map(|(column, name)| {
            let output = outputs.iter().position(|output| output == name)?;
            let rule = taxonomy
                .classes()
                .iter()
                .map(|class| class.coefficients[column]);
            let rule: Vec<f64> = rule.collect();
            let coefficients = rule
                .iter()
                .filter(|coefficient| **coefficient != 0.0)
                .count();
            Some(RuleRecovery {
                output: name.clone(),
                coefficients,
                correlation: correlation(&composed[output], &rule)?,
            })
        })
        .collect()
}

/// Compares the effects that D B gives to classes without a coefficient with the planted ones.
///
/// An effect is the coefficient, counted from the median of all classes that the rule leaves out and no relation
/// names, times the class's standard deviation in the population.
pub(super) fn of_relations(
    surrogate: &SurrogateDocument,
    relations: &[Relation],
    taxonomy: &Taxonomy,
    outputs: &[String],
    shares: &Spread,
    seed: u64,
) -> Option<RelationsRecovery> {
    let composed = composed(surrogate);
    let mut found = Vec::with_capacity(relations.len());
    for relation in relations {
        let base = base_level(&composed, relation.output, relations, taxonomy, outputs);
        let coefficient = composed[relation.output][relation.class] - base;
        found.push(coefficient * shares.deviation[relation.class]);
    }
    let mut expected: Vec<f64> = relations.iter().map(|one| one.expected).collect();
    let observed = correlation(&found, &expected)?;
    let rank_correlation = correlation(&ranks(&found), &ranks(&expected))?;
    let sign_agreement = sign_agreement(&found, &expected);

    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut as_good = 1_u32;
    for _ in 0..PERMUTATIONS {
        expected.shuffle(&mut random);
        as_good += u32::from(correlation(&found, &expected).is_some_and(|one| one >= observed));
    }
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let tried = (PERMUTATIONS + 1) as f64;
    Some(RelationsRecovery {
        relations: relations.len(),
        correlation: observed,
        rank_correlation,
        sign_agreement,
        permutation_p: f64::from(as_good) / tried,
        permutations: PERMUTATIONS,
    })
}

/// The zero of coefficients: shares sum to one, so they are known up to a constant, here the median of the other classes.
fn base_level(
    composed: &[Vec<f64>],
    output: usize,
    relations: &[Relation],
    taxonomy: &Taxonomy,
    outputs: &[String],
) -> f64 {
    let column = taxonomy
        .traits()
        .iter()
        .position(|name| *name == outputs[output]);
    let named = |class| relations.iter().any(|one| one.class == class);
    let mut rest: Vec<f64> = taxonomy
        .classes()
        .iter()
        .enumerate()
        .filter(|(class, entry)| {
            !named(*class) && column.is_none_or(|column| entry.coefficients[column] == 0.0)
        })
        .map(|(class, _)| composed[output][class])
        .collect();
    rest.sort_by(f64::total_cmp);
    rest.get(rest.len() / 2).copied().unwrap_or_default()
}

/// Of the quarter with the largest expected size, the part that has the expected sign.
fn sign_agreement(found: &[f64], expected: &[f64]) -> f64 {
    let mut order: Vec<usize> = (0..expected.len()).collect();
    order.sort_by(|a, b| expected[*b].abs().total_cmp(&expected[*a].abs()));
    let strongest = &order[..expected.len().div_ceil(4)];
    let right = strongest
        .iter()
        .filter(|index| found[**index] * expected[**index] > 0.0)
        .count();
    #[expect(clippy::cast_precision_loss, reason = "small counts")]
    let part = right as f64 / strongest.len() as f64;
    part
}

/// Pearson's correlation; `None` when one of the two does not vary.
fn correlation(one: &[f64], other: &[f64]) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "a count of classes")]
    let count = one.len() as f64;
    let mean = |values: &[f64]| values.iter().sum::<f64>() / count;
    let (mean_one, mean_other) = (mean(one), mean(other));
    let (mut both, mut first, mut second) = (0.0, 0.0, 0.0);
    for (a, b) in one.iter().zip(other) {
        let (a, b) = (a - mean_one, b - mean_other);
        both += a * b;
        first += a * a;
        second += b * b;
    }
    let size = (first * second).sqrt();
    (size > 0.0).then(|| both / size)
}

/// The rank of each number, from 1; equal numbers share the middle of their ranks.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut start = 0;
    while start < order.len() {
        let same = |index: &&usize| values[**index] <= values[order[start]];
        let end = start + order[start..].iter().take_while(same).count();
        #[expect(clippy::cast_precision_loss, reason = "small counts")]
        let middle = (start + 1 + end) as f64 / 2.0;
        order[start..end]
            .iter()
            .for_each(|index| ranks[*index] = middle);
        start = end;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn correlations_and_ranks_are_those_of_the_textbook() {
        let close = |found: Option<f64>, expected: f64| (found.unwrap() - expected).abs() < 1e-9;
        assert!(close(correlation(&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0]), 1.0));
        assert!(close(correlation(&[1.0, 2.0, 3.0], &[1.0, 3.0, 2.0]), 0.5));
        assert_eq!(correlation(&[1.0, 1.0], &[1.0, 2.0]), None);
        assert_eq!(ranks(&[0.3, 0.1, 0.3, 0.9]), [2.5, 1.0, 2.5, 4.0]);
    }
}
