//! Distributions of what a network reads, over the steps of a population: deciles of numbers, and shares of codes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::error::SpaceError;
use super::shape::Shape;

const TABLE: &str = "population";

/// Bins of a number: those between the deciles.
const BINS: usize = 10;

/// How far a sum of shares may lie from 1.
const ROUNDING: f64 = 1e-6;

/// Distributions of the inputs of a network over the steps of a population.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputDistributions {
    /// Each number, in the order of the inputs; N of them.
    pub numbers: Vec<NumberDistribution>,
    /// Each category, in the order of the inputs; C of them.
    pub categories: Vec<CategoryDistribution>,
}

/// Distribution of a number, after its transforms.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberDistribution {
    /// The name of the input, such as `amount`.
    #[schemars(example = &"amount")]
    pub name: String,
    /// The deciles that differ, ascending: at most nine, none for a number that never varies.
    #[schemars(example = [-80.5, -20.0])]
    pub edges: Vec<f32>,
    /// The share of the steps up to each edge, and beyond the last one.
    #[schemars(example = [0.25, 0.25, 0.5])]
    pub shares: Vec<f64>,
}

/// Distribution of the codes of a category.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CategoryDistribution {
    /// The name of the input, such as `mcc`.
    #[schemars(example = &"mcc")]
    pub name: String,
    /// The codes that occur, ascending.
    #[schemars(example = [1, 2])]
    pub codes: Vec<i64>,
    /// The share of the steps with each of these codes.
    #[schemars(example = [0.75, 0.25])]
    pub shares: Vec<f64>,
}

impl InputDistributions {
    pub(super) fn check(&self, shape: &Shape) -> Result<(), SpaceError> {
        SpaceError::expect_length(TABLE, "inputs.numbers", self.numbers.len(), shape.numbers)?;
        let categories = self.categories.len();
        SpaceError::expect_length(TABLE, "inputs.categories", categories, shape.codes.len())?;
        let fault = |name: &str, reason| SpaceError::new(TABLE, &format!("inputs: {name}"), reason);
        for NumberDistribution {
            name,
            edges,
            shares,
        } in &self.numbers
        {
            if !edges.is_sorted_by(|one, next| one < next) || edges.len() >= BINS {
                return Err(fault(name, "the edges are not ascending, or too many"));
            }
            if shares.len() != edges.len() + 1 || !are_shares(shares) {
                return Err(fault(name, "expected a share for each bin, which sum to 1"));
            }
        }
        for CategoryDistribution {
            name,
            codes,
            shares,
        } in &self.categories
        {
            if !codes.is_sorted_by(|one, next| one < next) {
                return Err(fault(name, "the codes are not ascending"));
            }
            if shares.len() != codes.len() || !are_shares(shares) {
                return Err(fault(
                    name,
                    "expected a share for each code, which sum to 1",
                ));
            }
        }
        Ok(())
    }
}

fn are_shares(shares: &[f64]) -> bool {
    shares.iter().all(|share| (0.0..=1.0).contains(share))
        && (shares.iter().sum::<f64>() - 1.0).abs() < ROUNDING
}

impl NumberDistribution {
    /// Of some values, which are put into order; their shares of the bins between the deciles.
    #[must_use]
    pub fn of(name: &str, values: &mut [f32]) -> Self {
        values.sort_unstable_by(f32::total_cmp);
        let decile = |tenth: usize| values.get(values.len() * tenth / BINS).copied();
        let mut edges: Vec<f32> = (1..BINS).filter_map(decile).collect();
        edges.dedup();
        // What is larger than every edge: without it the last bin would be empty.
        edges.retain(|edge| values.last().is_some_and(|last| edge < last));
        let mut distribution = Self {
            name: name.to_owned(),
            shares: vec![0.0; edges.len() + 1],
            edges,
        };
        let mut counts = vec![0_u32; distribution.shares.len()];
        for value in &*values {
            counts[distribution.bin(*value)] += 1;
        }
        distribution.shares = shares_of(&counts);
        distribution
    }

    /// The bin of a value, `0..=edges.len()`.
    #[must_use]
    pub fn bin(&self, value: f32) -> usize {
        self.edges.partition_point(|edge| *edge < value)
    }
}

impl CategoryDistribution {
    /// Of some codes.
    #[must_use]
    pub fn of(name: &str, values: impl IntoIterator<Item = i64>) -> Self {
        let mut counted = std::collections::BTreeMap::<i64, u32>::new();
        for code in values {
            *counted.entry(code).or_default() += 1;
        }
        let (codes, counts): (Vec<_>, Vec<_>) = counted.into_iter().unzip();
        Self {
            name: name.to_owned(),
            codes,
            shares: shares_of(&counts),
        }
    }

    /// The place of a code, or behind all of them for one that did not occur.
    #[must_use]
    pub fn bin(&self, code: i64) -> usize {
        self.codes.binary_search(&code).unwrap_or(self.codes.len())
    }
}

fn shares_of(counts: &[u32]) -> Vec<f64> {
    let total: f64 = counts.iter().copied().map(f64::from).sum();
    let share = |count: &u32| f64::from(*count) / total.max(1.0);
    counts.iter().map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_of_a_number_are_between_the_deciles_that_differ() {
        let mut values: Vec<f32> = (0..100_u8).map(f32::from).collect();
        let found = NumberDistribution::of("amount", &mut values);
        assert_eq!(
            found.edges,
            [10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0]
        );
        assert!((found.shares[0] - 0.11).abs() < 1e-12 && found.shares.len() == 10);
        let found = NumberDistribution::of("n", &mut [0.0, 0.0, 0.0, 1.0]);
        assert_eq!(
            (found.edges.as_slice(), found.shares.as_slice()),
            (&[0.0][..], &[0.75, 0.25][..])
        );
        let found = NumberDistribution::of("n", &mut [2.0, 2.0]);
        assert_eq!((found.edges.len(), found.shares), (0, vec![1.0]));
    }

    #[test]
    fn code_that_did_not_occur_is_behind_the_others() {
        let found = CategoryDistribution::of("mcc", [3, 1, 3, 3]);
        assert_eq!(
            (found.codes.as_slice(), found.shares.as_slice()),
            (&[1, 3][..], &[0.25, 0.75][..])
        );
        assert_eq!((found.bin(1), found.bin(3), found.bin(2)), (0, 1, 2));
    }

    #[test]
    fn distribution_that_does_not_fit_the_network_is_refused() {
        let shape = Shape {
            codes: vec![4],
            ..Shape::lstm(1, 1, 1, 1)
        };
        let good = InputDistributions {
            numbers: vec![NumberDistribution::of("n", &mut [0.0, 1.0])],
            categories: vec![CategoryDistribution::of("c", [1, 2])],
        };
        good.check(&shape).unwrap();
        let mut other = good.clone();
        other.numbers[0].shares[0] = 0.9;
        assert!(other.check(&shape).is_err());
        let mut other = good.clone();
        other.categories[0].codes.reverse();
        assert!(other.check(&shape).is_err());
        let other = InputDistributions {
            categories: Vec::new(),
            ..good
        };
        assert!(other.check(&shape).is_err());
    }
}
