//! Doubts about what retention would erase.

use std::fmt;

use jiff::{SignedDuration, Timestamp};

use super::database::ChainAge;
use crate::timestamp::milliseconds;

/// How far the clock may be from the moment that a server noted last: a server may have been off for some days.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How far the clock may move against a steady one while a server runs.
const LARGEST_MOVE: SignedDuration = SignedDuration::from_hours(24);

/// How near the clock must be to a moment that was noted by another server or by an operator, so that it counts as right.
/// Servers note theirs every hour.
const CONFIRMED: SignedDuration = SignedDuration::from_hours(2);

/// What retention may erase without asking.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetentionPolicy {
    /// The moment before which explanations are too old.
    pub before: Timestamp,
    /// The clock.
    pub now: Timestamp,
    /// How far the clock has moved against a steady one since the process started.
    pub moved: SignedDuration,
    /// The largest share of all explanations that may be erased at once, in percent.
    pub most_percent: u8,
}

/// The reason for which retention erases nothing until an operator confirms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetentionDoubt {
    /// The clock is far from what a server noted last, or has moved while this one ran.
    ClockJumped {
        /// By how much, to the second.
        by: SignedDuration,
    },
    /// A large share of all explanations would be erased at once.
    TooMany {
        /// The largest share that may, in percent.
        most_percent: u8,
    },
    /// An explanation that is too old was recorded after one that is not: its clock was wrong.
    OutOfOrder {
        /// The number of its entry.
        sequence: u64,
    },
}

impl fmt::Display for RetentionDoubt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClockJumped { by } => write!(
                formatter,
                "the clock is {} days from where it was last seen",
                by.abs().as_hours() / 24
            ),
            Self::TooMany { most_percent } => {
                write!(formatter, "that is more than {most_percent} % of all")
            }
            Self::OutOfOrder { sequence } => write!(
                formatter,
                "entry {sequence} is older than one that was recorded before it: the clock was wrong then"
            ),
        }
    }
}

impl RetentionPolicy {
    /// The clock in milliseconds since 1970.
    pub(crate) fn clock(&self) -> i64 {
        milliseconds(self.now)
    }

    /// The doubt about the clock, whether or not anything is too old.
    pub(crate) fn clock_doubt(&self, found: &ChainAge) -> Option<RetentionDoubt> {
        let since = |moment: i64| SignedDuration::from_millis(self.clock().saturating_sub(moment));
        let noted = found.noted_at.map(since);
        if noted.is_some_and(|noted| noted.abs() <= CONFIRMED) {
            return None;
        }
        // Before the first note: since the youngest explanation.
        let pause = noted.or(found.youngest.map(since)).unwrap_or_default();
        let by = if self.moved.abs() > LARGEST_MOVE {
            self.moved
        } else if pause > LONGEST_PAUSE {
            pause
        } else {
            return None;
        };
        Some(RetentionDoubt::ClockJumped { by })
    }

    /// The doubt about what is too old.
    pub(crate) fn doubt(&self, found: &ChainAge) -> Option<RetentionDoubt> {
        self.clock_doubt(found).or_else(|| {
            let most = u128::from(found.all) * u128::from(self.most_percent);
            if u128::from(found.expired) * 100 > most {
                let most_percent = self.most_percent;
                return Some(RetentionDoubt::TooMany { most_percent });
            }
            match (found.last_expired, found.first_young) {
                (Some(last), Some(first)) if last > first => Some(RetentionDoubt::OutOfOrder {
                    sequence: last.unsigned_abs(),
                }),
                _ => None,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    fn policy() -> RetentionPolicy {
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        RetentionPolicy {
            before: now - SignedDuration::from_hours(24 * 30),
            now,
            moved: SignedDuration::ZERO,
            most_percent: 50,
        }
    }

    fn found(hours_since_noted: i64) -> ChainAge {
        ChainAge {
            expired: 5,
            all: 10,
            last_expired: Some(5),
            first_young: Some(6),
            youngest: Some(policy().clock()),
            noted_at: Some(policy().clock() - hours_since_noted * HOUR),
        }
    }

    #[test]
    fn expected_erasure_is_not_doubted() {
        for hours in [0, 1, 100, -100] {
            assert_eq!(policy().doubt(&found(hours)), None, "{hours}");
        }
    }

    #[test]
    fn clock_that_jumped_is_doubted_until_it_is_noted() {
        let far = found(8 * 24);
        assert!(matches!(
            policy().doubt(&far),
            Some(RetentionDoubt::ClockJumped { .. })
        ));
        let never_noted = ChainAge {
            noted_at: None,
            youngest: far.noted_at,
            ..far
        };
        assert!(matches!(
            policy().doubt(&never_noted),
            Some(RetentionDoubt::ClockJumped { .. })
        ));
        for moved in [25, -25] {
            let moved = RetentionPolicy {
                moved: SignedDuration::from_hours(moved),
                ..policy()
            };
            assert!(matches!(
                moved.doubt(&found(3)),
                Some(RetentionDoubt::ClockJumped { .. })
            ));
            assert_eq!(moved.doubt(&found(1)), None);
        }
    }

    #[test]
    fn large_share_is_doubted() {
        let many = ChainAge {
            expired: 6,
            ..found(1)
        };
        let doubt = RetentionDoubt::TooMany { most_percent: 50 };
        assert_eq!(policy().doubt(&many), Some(doubt));
    }

    #[test]
    fn old_explanation_after_a_young_one_is_doubted() {
        let wrong = ChainAge {
            last_expired: Some(9),
            ..found(1)
        };
        let doubt = RetentionDoubt::OutOfOrder { sequence: 9 };
        assert_eq!(policy().doubt(&wrong), Some(doubt));
    }
}
