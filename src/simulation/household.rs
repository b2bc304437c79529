//! Household of a customer: how much it spends in a year, in how many bookings, on which days.

use rand::{Rng, RngExt};
use rand_distr::{Distribution, StandardNormal};

use super::spending::Rhythm;
use super::tables::Tables;

/// The median household's spending in a year.
const BUDGET: f64 = 24_000.0;

/// The median number of purchases in a year, bills apart, and its bounds.
const PURCHASES: f64 = 150.0;
const PURCHASES_RANGE: (f64, f64) = (75.0, 230.0);

/// The means of a household; its preferences are apart.
#[derive(Debug)]
pub(super) struct Household {
    /// Spending in a year.
    pub(super) budget: f64,
    /// How many purchases, bills apart, a year has.
    purchases: f64,
    /// The day of the month, 0 to 27, that each class's bill falls on.
    pub(super) bill_days: Vec<u8>,
    /// The hours that the bank's local time is ahead of UTC.
    pub(super) offset_hours: i8,
}

impl Household {
    pub(super) fn draw(tables: &Tables, random: &mut impl Rng) -> Self {
        let budget: f64 = StandardNormal.sample(random);
        let purchases: f64 = StandardNormal.sample(random);
        let (least, most) = PURCHASES_RANGE;
        Self {
            budget: BUDGET * libm::exp(0.35 * budget),
            purchases: (PURCHASES * libm::exp(0.3 * purchases)).clamp(least, most),
            bill_days: tables
                .spending
                .iter()
                .map(|_| random.random_range(0..28))
                .collect(),
            // Most banks export UTC; the others test that an offset is read.
            offset_hours: i8::from(random.random::<f64>() < 0.1),
        }
    }

    /// Moves the household to the next year: prices rise, and its means change at random.
    pub(super) fn advance(&mut self, random: &mut impl Rng) {
        let deviation: f64 = StandardNormal.sample(random);
        self.budget *= libm::exp(0.02 + 0.06 * deviation);
    }

    /// How the household's tickets compare with the table's, so that the budget buys the number of purchases.
    pub(super) fn price_level(&self, tables: &Tables, shares: &[f64]) -> f64 {
        let at_table_prices: f64 = tables
            .spending
            .iter()
            .zip(shares)
            .map(|(class, share)| match class.rhythm {
                Rhythm::Bills { .. } => 0.0,
                Rhythm::Purchases { ticket, spread } => {
                    self.budget * share / mean_amount(ticket, spread)
                }
            })
            .sum();
        if at_table_prices > 0.0 {
            at_table_prices / self.purchases
        } else {
            1.0
        }
    }
}

/// The mean of a log-normal amount with this median.
pub(super) fn mean_amount(median: f64, spread: f64) -> f64 {
    median * libm::exp(0.5 * spread * spread)
}
