//! Drift: distance between the spending of scored customers and of the population that the bundle was built on.

use parking_lot::Mutex;

use microseg_encoding::Profile;

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
        let shares = normalized(&seen.shares);
        let terms = shares.iter().zip(&self.expected).map(|(seen, expected)| {
            let (seen, expected) = (seen.max(SMALLEST_SHARE), expected.max(SMALLEST_SHARE));
            (seen - expected) * (seen / expected).ln()
        });
        Some(terms.sum())
    }
}

fn normalized(numbers: &[f64]) -> Vec<f64> {
    let sum: f64 = numbers.iter().sum();
    let scale = if sum > 0.0 { sum } else { 1.0 };
    numbers.iter().map(|number| number / scale).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

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
