//! Counts of transactions that are in neither sums nor events any more.

use serde::{Deserialize, Serialize};

use super::quality::Quality;
use super::warnings::Suspicions;

/// Counts of transactions, as in [`Quality`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Counts {
    pub(super) transactions: u64,
    pub(super) used: u64,
    pub(super) netted: u64,
    pub(super) income: u64,
    pub(super) unclassified: u64,
    pub(super) without_class: u64,
    pub(super) out_of_window: u64,
    pub(super) late: u64,
}

impl Counts {
    /// All of them as transactions out of the window.
    pub(super) fn out_of_window(self) -> Self {
        Self {
            transactions: self.transactions,
            out_of_window: self.transactions,
            ..Self::default()
        }
    }

    /// With others.
    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            transactions: self.transactions + other.transactions,
            used: self.used + other.used,
            netted: self.netted + other.netted,
            income: self.income + other.income,
            unclassified: self.unclassified + other.unclassified,
            without_class: self.without_class + other.without_class,
            out_of_window: self.out_of_window + other.out_of_window,
            late: self.late + other.late,
        }
    }

    /// Adds them to what was counted of the transactions that are there.
    pub(super) fn add_to(self, quality: &mut Quality, suspicions: &mut Suspicions) {
        quality.transactions += self.transactions;
        quality.used += self.used;
        quality.netted += self.netted;
        quality.income += self.income;
        quality.unclassified += self.unclassified;
        quality.out_of_window += self.out_of_window;
        quality.late += self.late;
        suspicions.without_class += self.without_class;
    }
}
