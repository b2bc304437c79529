//! Drift: distance between what scored customers spend and a network reads of them, and that of the population that the
//! bundle was built on.

use parking_lot::Mutex;

use microseg_encoding::{Inputs, Profile};
use microseg_space::InputDistributions;

/// Histories that count; older ones fade.
const REMEMBERED: f64 = 10_000.0;

/// Share of classes without spending: zero has no logarithm.
const SMALLEST_SHARE: f64 = 1e-4;

/// Compares incoming shares with the expected ones.
#[derive(Debug)]
pub(crate) struct Drift {
    /// The population's mean share of each class, K of them, which sum to 1.
    expected: Vec<f64>,
    seen: Mutex<Seen>,
}

/// The shares of scored customers, newer ones with more weight.
#[derive(Debug)]
struct Seen {
    periods: f64,
    shares: Vec<f64>,
}

impl Drift {
    /// From the means of the population's shares; all at least zero.
    pub(crate) fn new(means: &[f64]) -> Self {
        Self {
            expected: normalized(means),
            seen: Mutex::new(Seen {
                periods: 0.0,
                shares: vec![0.0; means.len()],
            }),
        }
    }

    /// Adds one history.
    pub(crate) fn observe(&self, profile: &Profile) {
        let kept = 1.0 - 1.0 / REMEMBERED;
        let mut seen = self.seen.lock();
        seen.periods *= kept;
        for share in &mut seen.shares {
            *share *= kept;
        }
        // A period without spending has no shares.
        for row in profile.shares().rows() {
            if row.iter().any(|&share| share > 0.0) {
                seen.periods += 1.0;
                for (sum, &share) in seen.shares.iter_mut().zip(row) {
                    *sum += f64::from(share);
                }
            }
        }
    }

    /// The population stability index (Siddiqi, Credit Risk Scorecards, 2006): the sum over the classes of
    /// (seen - expected) ln(seen / expected). By common use less than 0.1 is no notable drift and more than 0.25 a
    /// large one. `None` before the first scoring.
    pub(crate) fn index(&self) -> Option<f64> {
        let seen = self.seen.lock();
        if seen.periods == 0.0 {
            return None;
        }
        Some(stability_index(&normalized(&seen.shares), &self.expected))
    }
}

/// Compares the inputs of scored customers with those of the population, each by itself.
#[derive(Debug)]
pub(crate) struct InputDrift {
    expected: InputDistributions,
    /// Of each number, and then of each category: the steps in each bin, newer ones with more weight.
    seen: Mutex<Vec<Vec<f64>>>,
}

impl InputDrift {
    pub(crate) fn new(expected: InputDistributions) -> Self {
        let numbers = expected.numbers.iter().map(|number| number.shares.len());
        // One more for codes that the population does not have.
        let categories = expected.categories.iter();
        let categories = categories.map(|category| category.shares.len() + 1);
        let seen = numbers.chain(categories).map(|bins| vec![0.0; bins]);
        Self {
            seen: Mutex::new(seen.collect()),
            expected,
        }
    }

    /// Adds one history.
    pub(crate) fn observe(&self, inputs: &Inputs) {
        let kept = 1.0 - 1.0 / REMEMBERED;
        let mut seen = self.seen.lock();
        seen.iter_mut().flatten().for_each(|count| *count *= kept);
        let mut all = seen.iter_mut();
        for (column, number) in inputs
            .numbers
            .columns()
            .into_iter()
            .zip(&self.expected.numbers)
        {
            let Some(counts) = all.next() else { return };
            column
                .iter()
                .for_each(|value| counts[number.bin(*value)] += 1.0);
        }
        let categories = inputs.categories.columns().into_iter();
        for (column, category) in categories.zip(&self.expected.categories) {
            let Some(counts) = all.next() else { return };
            column
                .iter()
                .for_each(|code| counts[category.bin(*code)] += 1.0);
        }
    }

    /// The population stability index of each input, by its name; none before the first scoring.
    pub(crate) fn indices(&self) -> Vec<(&str, f64)> {
        let numbers = self.expected.numbers.iter();
        let numbers = numbers.map(|number| (number.name.as_str(), number.shares.clone()));
        let categories = self.expected.categories.iter();
        let categories = categories.map(|category| {
            let shares = category.shares.iter().copied().chain([0.0]);
            (category.name.as_str(), shares.collect())
        });
        let seen = self.seen.lock();
        let inputs = numbers.chain(categories).zip(seen.iter());
        let is_seen = |counts: &[f64]| counts.iter().any(|count| *count > 0.0);
        let indices =
            inputs
                .filter(|(_, counts)| is_seen(counts))
                .map(|((name, expected), counts)| {
                    (name, stability_index(&normalized(counts), &expected))
                });
        indices.collect()
    }
}

/// The population stability index of seen shares against expected ones.
fn stability_index(seen: &[f64], expected: &[f64]) -> f64 {
    let terms = seen.iter().zip(expected).map(|(seen, expected)| {
        let (seen, expected) = (seen.max(SMALLEST_SHARE), expected.max(SMALLEST_SHARE));
        (seen - expected) * (seen / expected).ln()
    });
    terms.sum()
}

fn normalized(numbers: &[f64]) -> Vec<f64> {
    let sum: f64 = numbers.iter().sum();
    let scale = if sum > 0.0 { sum } else { 1.0 };
    numbers.iter().map(|number| number / scale).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use microseg_space::{CategoryDistribution, NumberDistribution};
    use ndarray::array;

    #[test]
    fn each_input_has_its_own_drift() {
        let expected = InputDistributions {
            numbers: vec![NumberDistribution::of("amount", &mut [0.0, 1.0, 0.0, 1.0])],
            categories: vec![CategoryDistribution::of("mcc", [1, 2])],
        };
        let drift = InputDrift::new(expected);
        assert!(drift.indices().is_empty());
        let steps = |numbers: [f32; 2], codes: [i64; 2]| Inputs {
            numbers: array![[numbers[0]], [numbers[1]]],
            categories: array![[codes[0]], [codes[1]]],
        };
        drift.observe(&steps([-0.5, 2.0], [1, 2]));
        assert!(drift.indices().iter().all(|(_, index)| index.abs() < 1e-3));
        for _ in 0..1_000 {
            drift.observe(&steps([-0.5, 2.0], [7, 7]));
        }
        let indices = drift.indices();
        assert_eq!((indices[0].0, indices[1].0), ("amount", "mcc"));
        assert!(
            indices[0].1.abs() < 1e-3 && indices[1].1 > 5.0,
            "{indices:?}"
        );
    }

    #[test]
    fn equal_shares_have_no_drift_and_others_do() {
        let drift = Drift::new(&[0.5, 0.3, 0.2]);
        assert_eq!(drift.index(), None);
        let same = Profile::of_spending(array![[50.0, 30.0, 20.0], [0.0, 0.0, 0.0]].view());
        drift.observe(&same);
        assert!(drift.index().unwrap().abs() < 1e-12);
        let other = Profile::of_spending(array![[0.0, 0.0, 70.0]].view());
        for _ in 0..100_000 {
            drift.observe(&other);
        }
        // By hand: all in the third class, and next to nothing in the others.
        let expected = (1.0 - 0.2) * (1.0_f64 / 0.2).ln()
            + (1e-4 - 0.5) * (1e-4_f64 / 0.5).ln()
            + (1e-4 - 0.3) * (1e-4_f64 / 0.3).ln();
        assert!((drift.index().unwrap() - expected).abs() < 1e-3);
    }
}
