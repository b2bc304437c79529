//! Share of a resource that one caller may hold, so that no caller can take all of it.

/// A part of a resource, above 0 and at most 1.
///
/// A caller may hold no more than a fixed multiple of what is free: with a share of one half, no more than is left. So a
/// caller alone can hold half, each of two a third, each of three a quarter, and there is always something left for the
/// next one. These are the dynamic thresholds of Choudhury and Hahne (IEEE/ACM Transactions on Networking 6(2), 1998).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    part: u64,
    of: u64,
}

impl Share {
    /// Everything: one caller may hold all.
    pub const ALL: Self = Self { part: 1, of: 1 };

    /// A share in percent; 100 and more are everything, and 0 counts as 1.
    #[must_use]
    pub fn percent(percent: u8) -> Self {
        Self {
            part: u64::from(percent.clamp(1, 100)),
            of: 100,
        }
    }

    /// This share, or a larger one with which a caller alone can hold `least` units of `whole`.
    #[must_use]
    pub fn at_least(self, least: u64, whole: u64) -> Self {
        if least >= whole {
            Self::ALL
        } else if u128::from(least) * u128::from(self.of)
            > u128::from(whole) * u128::from(self.part)
        {
            Self {
                part: least,
                of: whole,
            }
        } else {
            self
        }
    }

    /// Whether a caller may hold `units`, of which the last was taken from `free` ones. One unit may always be held while
    /// one is free.
    #[must_use]
    pub fn allows(self, units: u64, free: u64) -> bool {
        let others = self.of - self.part;
        (units <= 1 && free > 0)
            || u128::from(units) * u128::from(others) <= u128::from(free) * u128::from(self.part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many units each caller gets when they take one after the other until none gets any more.
    fn taken(share: Share, whole: u64, callers: usize) -> Vec<u64> {
        let mut held = vec![0; callers];
        loop {
            let before = held.clone();
            for caller in 0..callers {
                let free = whole - held.iter().sum::<u64>();
                if free > 0 && share.allows(held[caller] + 1, free) {
                    held[caller] += 1;
                }
            }
            if held == before {
                return held;
            }
        }
    }

    #[test]
    fn callers_leave_a_part_for_the_next_one() {
        let half = Share::percent(50);
        assert_eq!(taken(half, 4_096, 1), [2_048]);
        assert_eq!(taken(half, 300, 2), [100, 100]);
        assert_eq!(taken(half, 400, 3), [100, 100, 100]);
        assert_eq!(taken(Share::percent(25), 400, 1), [100]);
        for callers in 1..20 {
            let held: u64 = taken(half, 4_096, callers).iter().sum();
            assert!(held < 4_096, "{callers} callers hold {held}");
        }
    }

    #[test]
    fn one_caller_may_hold_all_without_shares() {
        assert_eq!(taken(Share::percent(100), 64, 1), [64]);
        assert_eq!(taken(Share::ALL, 64, 1), [64]);
    }

    #[test]
    fn one_unit_of_one_may_be_held() {
        assert_eq!(taken(Share::percent(1), 1, 1), [1]);
        assert_eq!(taken(Share::percent(50), 2, 1), [1]);
        assert_eq!(taken(Share::percent(50), 3, 1), [2]);
    }

    #[test]
    fn share_grows_to_what_one_caller_must_be_able_to_hold() {
        let half = Share::percent(50);
        assert_eq!(taken(half.at_least(75, 100), 100, 1), [75]);
        assert_eq!(half.at_least(20, 100), half);
        assert_eq!(half.at_least(100, 100), Share::ALL);
        assert_eq!(half.at_least(200, 100), Share::ALL);
    }
}
