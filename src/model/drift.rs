//! Drift: how far the spending of those who are scored lies from that of the customers whom the bundle was built on.

use std::sync::{Mutex, PoisonError};

use microseg_history::Profile;

/// So many histories are remembered; those before fade.
const REMEMBERED: f64 = 10_000.0;

/// Classes that nobody spends on count as this share: the logarithm of nothing is no number.
const SMALLEST_SHARE: f64 = 1e-4;

/// Compares incoming shares with the expected ones.
#[derive(Debug)]
pub(super) struct Drift {
    /// The population's mean share of each class, K of them, which sum to 1.
    expected: Vec<f64>,
    seen: Mutex<Seen>,
}

/// The shares of those who were scored, each by how much of it is still remembered.
#[derive(Debug)]
struct Seen {
    periods: f64,
    shares: Vec<f64>,
}

impl Drift {
    /// From the means of the population's shares; all at least zero.
    pub(super) fn new(means: &[f64]) -> Self {
        Self {
            expected: normalized(means),
            seen: Mutex::new(Seen {
                periods: 0.0,
                shares: vec![0.0; means.len()],
            }),
        }
    }

    /// Takes note of one history.
    pub(super) fn observe(&self, profile: &Profile) {
        let kept = 1.0 - 1.0 / REMEMBERED;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.periods *= kept;
        for share in &mut seen.shares {
            *share *= kept;
        }
        // A period without spending says nothing of what is bought.
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
    /// (seen - expected) ln(seen / expected). By common use less than 0.1 is no drift to speak of and more than 0.25 a
    /// large one. `None` before anybody was scored.
    pub(super) fn index(&self) -> Option<f64> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
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
    fn the_same_shares_are_no_drift_and_others_are() {
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
