//! What the surrogate's coefficients have learnt, where the truth is known: the rule, and planted co-spending.

use std::io::Read;

use rand::SeedableRng as _;
use rand::seq::SliceRandom as _;
use rand_chacha::ChaCha8Rng;
use serde::Deserialize;

use microseg_history::{Booking, Taxonomy};
use microseg_space::{RelationsRecovery, RuleRecovery, Spread, SurrogateDocument};

/// Random assignments that the correlation is held against.
const PERMUTATIONS: usize = 9_999;

/// A co-spending relation that somebody planted: spending on a class goes with an output, though no coefficient says so.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Relation {
    class: usize,
    output: usize,
    expected: f64,
}

#[derive(Deserialize)]
struct Row {
    class: String,
    output: String,
    expected: f64,
}

/// Why relations could not be read.
#[derive(Debug, thiserror::Error)]
pub enum RelationsError {
    /// Not CSV with the columns class, output and expected.
    #[error("{0}")]
    Csv(#[from] csv::Error),
    /// A name that the model does not have.
    #[error("row {row}: there is no {what} `{name}`")]
    Unknown {
        /// The row, from 1, the header not counted.
        row: usize,
        /// `class` or `output`.
        what: &'static str,
        /// What was written.
        name: String,
    },
    /// A row that is no relation to look for.
    #[error("row {row}: {reason}")]
    Row {
        /// The row, from 1, the header not counted.
        row: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Too few to say anything about.
    #[error("fewer than 8 relations")]
    Few,
}

/// Reads `class,output,expected`.
pub(super) fn read_relations(
    source: impl Read,
    taxonomy: &Taxonomy,
    outputs: &[String],
) -> Result<Vec<Relation>, RelationsError> {
    let mut relations = Vec::new();
    for (index, row) in csv::Reader::from_reader(source).deserialize().enumerate() {
        let Row {
            class,
            output,
            expected,
        } = row?;
        let unknown = |what, name| RelationsError::Unknown {
            row: index + 1,
            what,
            name,
        };
        let Some(Booking::Spending(place)) = taxonomy.booking_of_class(&class) else {
            return Err(unknown("class", class));
        };
        let Some(output) = outputs.iter().position(|name| *name == output) else {
            return Err(unknown("output", output));
        };
        let relation = Relation {
            class: place.get(),
            output,
            expected,
        };
        let column = taxonomy
            .traits()
            .iter()
            .position(|name| *name == outputs[output]);
        let coefficient = |column: usize| taxonomy.classes()[relation.class].coefficients[column];
        let refused = |reason| RelationsError::Row {
            row: index + 1,
            reason,
        };
        if !expected.is_finite() {
            return Err(refused("expected is not a finite number"));
        }
        if column.is_some_and(|column| coefficient(column) != 0.0) {
            return Err(refused(
                "the taxonomy has a coefficient for this class and output",
            ));
        }
        let known = |one: &Relation| (one.class, one.output) == (relation.class, output);
        if relations.iter().any(known) {
            return Err(refused("another row has the same class and output"));
        }
        relations.push(relation);
    }
    if relations.len() < 8 {
        return Err(RelationsError::Few);
    }
    Ok(relations)
}

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

/// Holds D B against the taxonomy's coefficients, for every output that has a column there.
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

/// Holds the effects that D B gives to classes without a coefficient against the planted ones.
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

/// Shares sum to one, so that coefficients are known up to a constant: the classes of which nothing is said are its zero.
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
    fn correlations_are_those_of_the_textbook() {
        let close = |found: Option<f64>, expected: f64| (found.unwrap() - expected).abs() < 1e-9;
        assert!(close(correlation(&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0]), 1.0));
        assert!(close(correlation(&[1.0, 2.0, 3.0], &[1.0, 3.0, 2.0]), 0.5));
        assert_eq!(correlation(&[1.0, 1.0], &[1.0, 2.0]), None);
        assert_eq!(ranks(&[0.3, 0.1, 0.3, 0.9]), [2.5, 1.0, 2.5, 4.0]);
    }
}
