//! Moves of spending between classes within one period, as paths: the more is moved, the farther along.

/// A path from the customer's own shares: more and more is taken from some classes, in their order, and spent on one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Path {
    /// The class that gets what is moved.
    pub(super) receiver: usize,
    /// The classes that it is taken from, and the share that each has.
    pub(super) donors: Vec<(usize, f64)>,
    /// The most that is moved along it, as a share of the period's spending.
    pub(super) longest: f64,
}

impl Path {
    /// The way to a class that gains most for each share that is moved: from the classes that lose least, or gain most, first.
    /// `gains` is what a share of 1 in each class adds to what is wished for; only classes with less of it than the receiver are
    /// donors. `None` where there is nothing to take.
    pub(super) fn to(
        receiver: usize,
        (shares, is_free): (&[f64], &[bool]),
        gains: &[f64],
        budget: f64,
    ) -> Option<Self> {
        let mut donors: Vec<(usize, f64)> = { shares.iter().copied().enumerate() }
            .filter(|&(class, share)| {
                class != receiver && is_free[class] && share > 0.0 && gains[class] < gains[receiver]
            })
            .collect();
        donors.sort_by(|(one, _), (other, _)| {
            gains[*one].total_cmp(&gains[*other]).then(one.cmp(other))
        });
        let all: f64 = donors.iter().map(|(_, share)| share).sum();
        let longest = all.min(budget);
        (longest > 0.0).then_some(Self {
            receiver,
            donors,
            longest,
        })
    }

    /// What is taken from each donor when so much is moved together.
    fn taken(&self, moved: f64) -> impl Iterator<Item = (usize, f64)> {
        let mut left = moved;
        self.donors.iter().map(move |&(class, share)| {
            let taken = share.min(left.max(0.0));
            left -= taken;
            (class, taken)
        })
    }

    /// The shares of the period when so much is moved.
    pub(super) fn shares(&self, own: &[f64], moved: f64) -> Vec<f64> {
        let mut shares = own.to_vec();
        for (class, taken) in self.taken(moved) {
            shares[class] = (shares[class] - taken).max(0.0);
            shares[self.receiver] += taken;
        }
        shares
    }

    /// How much has to be moved for a gain, if all gains are as they are for the first share; infinite where the path ends before.
    pub(super) fn predicted(&self, gains: &[f64], wanted: f64) -> f64 {
        let (mut left, mut moved) = (wanted, 0.0);
        for (class, share) in self.taken(self.longest) {
            let gain = gains[self.receiver] - gains[class];
            if gain * share >= left {
                return moved + left / gain;
            }
            left -= gain * share;
            moved += share;
        }
        f64::INFINITY
    }

    /// The amounts of the period when so much is moved, in whole units: what is taken is rounded up.
    pub(super) fn amounts(&self, own: &[f64], moved: f64, unit: f64) -> Vec<f64> {
        let total: f64 = own.iter().sum();
        let mut amounts = own.to_vec();
        for (class, taken) in self.taken(moved).filter(|(_, taken)| *taken > 0.0) {
            let left = in_units((own[class] - taken * total).max(0.0), unit, f64::floor);
            amounts[self.receiver] += own[class] - left;
            amounts[class] = left;
        }
        amounts[self.receiver] = in_units(amounts[self.receiver], unit, f64::round);
        amounts
    }
}

/// The unit that amounts of a period are rounded to: a hundredth, or less where all of its spending is small.
pub(super) fn unit(total: f64) -> f64 {
    let digits = total.log10().floor() - 4.0;
    10_f64.powf(digits.min(-2.0))
}

/// An amount in whole units, as the nearest number to that decimal.
fn in_units(amount: f64, unit: f64, round: impl Fn(f64) -> f64) -> f64 {
    // Units are 1 / 100, 1 / 1000 and so on: dividing by a whole number gives the nearest one.
    let per_whole = (1.0 / unit).round();
    // What is a whole number of units but for rounding stays as it is.
    let units = amount * per_whole;
    let nearest = units.round();
    let whole = if (units - nearest).abs() < 1e-6 {
        nearest
    } else {
        round(units)
    };
    whole / per_whole
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHARES: [f64; 4] = [0.5, 0.3, 0.0, 0.2];
    const GAINS: [f64; 4] = [0.0, -1.0, 2.0, 1.0];

    fn path(budget: f64) -> Path {
        Path::to(2, (&SHARES, &[true, true, true, false]), &GAINS, budget).unwrap()
    }

    #[test]
    fn path_takes_first_from_the_class_that_loses_least_and_never_from_a_frozen_one() {
        let path = path(1.0);
        assert_eq!(path.donors, [(1, 0.3), (0, 0.5)]);
        let close = |one: &[f64], other: &[f64]| {
            let mut pairs = one.iter().zip(other);
            assert!(
                pairs.all(|(one, other)| (one - other).abs() < 1e-12),
                "{one:?}"
            );
        };
        close(&path.shares(&SHARES, 0.1), &[0.5, 0.2, 0.1, 0.2]);
        close(&path.shares(&SHARES, 0.4), &[0.4, 0.0, 0.4, 0.2]);
        assert!((path.longest - 0.8).abs() < 1e-12);
        assert_eq!(Path::to(1, (&SHARES, &[true; 4]), &GAINS, 1.0), None);
    }

    #[test]
    fn prediction_follows_the_gains_of_the_donors_in_turn() {
        // 0.3 of class 1 gains 0.9, and 0.1 of class 0 gains 0.2.
        assert!((path(1.0).predicted(&GAINS, 1.1) - 0.4).abs() < 1e-12);
        assert!(path(0.35).predicted(&GAINS, 1.1).is_infinite());
    }

    #[test]
    fn amounts_are_whole_units_and_keep_their_sum() {
        let own = [50.0, 30.0, 0.0, 20.0];
        let moved = path(1.0).amounts(&own, 0.123_45, 0.01);
        assert_eq!(moved, [50.0, 17.65, 12.35, 20.0]);
        let all = path(1.0).amounts(&own, 0.8, 0.01);
        assert_eq!(all, [0.0, 0.0, 80.0, 20.0]);
        assert!((unit(12_345.6) - 0.01).abs() < 1e-15);
        assert!((unit(1.5) - 1e-4).abs() < 1e-15);
    }
}
