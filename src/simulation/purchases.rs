//! Spending of a household in one year: from shares to bills, purchases and the refunds of some of them.

use rand::{Rng, RngExt};
use rand_distr::{Distribution, Poisson, StandardNormal};

use super::bookings::{Bookings, cents};
use super::calendar::{DAY, Month};
use super::household::{Household, mean_amount};
use super::spending::{ClassSpending, Hours, Rhythm};
use super::tables::Tables;
use super::transaction::Label;

/// The fraction of purchases whose money comes back, wholly or in part.
const REFUNDED: f64 = 0.02;

/// The fraction of refunds that bring back the whole amount.
const REFUNDED_WHOLLY: f64 = 0.6;

/// The fraction of card payments with the usual code of their class; the others have any code of the class.
const USUAL_CODE: f64 = 0.8;

/// Codes of the card schemes' own traffic, which a taxonomy of spending does not have.
const CODES_OUTSIDE: [u16; 4] = [9700, 9701, 9702, 9950];

/// How many such bookings a year has on average.
const OUTSIDE_PER_YEAR: f64 = 1.2;

/// One year of one household.
#[derive(Debug)]
pub(super) struct SpendingYear<'p, 'c> {
    tables: &'p Tables,
    months: &'p [Month],
    household: &'c Household,
    shares: &'c [f64],
    price_level: f64,
}

impl<'p, 'c> SpendingYear<'p, 'c> {
    pub(super) fn new(
        tables: &'p Tables,
        months: &'p [Month],
        household: &'c Household,
        shares: &'c [f64],
    ) -> Self {
        let price_level = household.price_level(tables, shares);
        Self {
            tables,
            months,
            household,
            shares,
            price_level,
        }
    }

    /// Books the year.
    pub(super) fn book(&self, bookings: &mut Bookings<'p>, random: &mut impl Rng) {
        let classes = self
            .tables
            .taxonomy
            .classes()
            .iter()
            .zip(&self.tables.spending);
        let plans = self.shares.iter().zip(&self.household.bill_days);
        for ((class, spending), (share, day)) in classes.zip(plans) {
            if *share <= 0.0 {
                continue;
            }
            let amount = self.household.budget * share;
            match spending.rhythm {
                Rhythm::Bills { per_year, spread } => {
                    let label = spending.mcc.map_or(Label::Class(&class.id), Label::Mcc);
                    let bill = Bill {
                        amount,
                        every: 12 / per_year.clamp(1, 12),
                        spread,
                        day: *day,
                    };
                    self.book_bills(&bill, spending, label, bookings, random);
                }
                Rhythm::Purchases { ticket, spread } => {
                    let median = ticket * self.price_level;
                    for _ in 0..draw_count(amount / mean_amount(median, spread), random) {
                        let label =
                            draw_code(spending, random).map_or(Label::Class(&class.id), Label::Mcc);
                        let cents = draw_cents(median, spread, random);
                        let second = self.draw_moment(spending, random);
                        bookings.book(second, -cents, label);
                        if random.random::<f64>() < REFUNDED {
                            let days: i64 = random.random_range(2..30);
                            bookings.book(second + days * DAY, draw_refund(cents, random), label);
                        }
                    }
                }
            }
        }
        self.book_outside(bookings, random);
    }

    fn book_bills(
        &self,
        bill: &Bill,
        spending: &ClassSpending,
        label: Label<'p>,
        bookings: &mut Bookings<'p>,
        random: &mut impl Rng,
    ) {
        let season = self.tables.seasons.get(spending.season);
        let phase = usize::from(bill.day) % bill.every;
        let due = self
            .months
            .iter()
            .enumerate()
            .skip(phase)
            .step_by(bill.every);
        let count = due.len().max(1);
        #[expect(clippy::cast_precision_loss, reason = "at most 12")]
        let median = bill.amount / count as f64;
        for (number, month) in due {
            let factor = season.map_or(1.0, |season| season.factor(number));
            let cents = draw_cents(median * factor, bill.spread, random);
            let second = month.moment_on(bill.day, spending.hours, random);
            bookings.book(second, -cents, label);
        }
    }

    fn draw_moment(&self, spending: &ClassSpending, random: &mut impl Rng) -> i64 {
        let season = self.tables.seasons.get(spending.season);
        let number = season.map_or(0, |season| season.draw_month(random));
        let month = self.months.get(number);
        month.map_or(0, |month| month.draw_moment(spending.hours, random))
    }

    fn book_outside(&self, bookings: &mut Bookings<'p>, random: &mut impl Rng) {
        for _ in 0..draw_count(OUTSIDE_PER_YEAR, random) {
            let code = CODES_OUTSIDE[random.random_range(0..CODES_OUTSIDE.len())];
            let cents = draw_cents(15.0, 0.8, random);
            if let Some(month) = self.months.get(random.random_range(0..12)) {
                let second = month.draw_moment(Hours::Day, random);
                bookings.book(second, -cents, Label::Mcc(code));
            }
        }
    }
}

/// What a class costs in a year of bills.
#[derive(Debug)]
struct Bill {
    /// Of the whole year.
    amount: f64,
    /// In months.
    every: usize,
    spread: f64,
    /// Of the month, 0 to 27.
    day: u8,
}

fn draw_count(mean: f64, random: &mut impl Rng) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number, at least zero, and `as` saturates"
    )]
    // Nothing is drawn for a mean of zero, for which there is no such distribution.
    Poisson::new(mean).map_or(0, |distribution| distribution.sample(random) as u32)
}

fn draw_cents(median: f64, spread: f64, random: &mut impl Rng) -> i64 {
    let deviation: f64 = StandardNormal.sample(random);
    cents(median * libm::exp(spread * deviation))
}

fn draw_code(spending: &ClassSpending, random: &mut impl Rng) -> Option<u16> {
    let usual = spending.mcc?;
    if random.random::<f64>() < USUAL_CODE || spending.codes.is_empty() {
        return Some(usual);
    }
    spending
        .codes
        .get(random.random_range(0..spending.codes.len()))
        .copied()
}

fn draw_refund(cents: i64, random: &mut impl Rng) -> i64 {
    if random.random::<f64>() < REFUNDED_WHOLLY {
        cents
    } else {
        // In tenths, as for one of several articles.
        (cents * random.random_range(1..10) / 10).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_outside_have_no_class() {
        let tables = Tables::read().unwrap();
        for code in CODES_OUTSIDE {
            assert_eq!(tables.taxonomy.booking_of_mcc(code), None, "{code:04}");
        }
    }
}
