//! Income of a customer: pay or pension every month, and what some customers have beside it.

use rand::{Rng, RngExt};
use rand_distr::{Distribution, StandardNormal};

use super::bookings::{Bookings, cents};
use super::calendar::Month;
use super::household::Household;
use super::spending::Hours;
use super::tables::Tables;
use super::transaction::Label;

/// The age from which a pension replaces the pay.
const PENSION_AGE: u8 = 66;

/// The income of one customer.
#[derive(Debug)]
pub(super) struct Income {
    /// Income over spending: above 1 the customer earns more than they spend.
    cover: f64,
    /// The day of the month, 0 to 27, on which pay arrives.
    pay_day: u8,
    has_benefits: bool,
    has_rental: bool,
    has_interest: bool,
}

impl Income {
    pub(super) fn draw(random: &mut impl Rng) -> Self {
        let deviation: f64 = StandardNormal.sample(random);
        let mut has = |fraction: f64| random.random::<f64>() < fraction;
        Self {
            cover: libm::exp(0.06 + 0.08 * deviation),
            has_benefits: has(0.12),
            has_rental: has(0.04),
            has_interest: has(0.4),
            pay_day: random.random_range(20..28),
        }
    }

    /// Books one year's income.
    pub(super) fn book<'p>(
        &self,
        tables: &'p Tables,
        months: &[Month],
        age: u8,
        household: &Household,
        bookings: &mut Bookings<'p>,
        random: &mut impl Rng,
    ) {
        let classes = &tables.income;
        let monthly = household.budget * self.cover / 12.0;
        let main = if age < PENSION_AGE {
            classes.salary
        } else {
            classes.pension
        };
        let has_gifts = random.random::<f64>() < 0.25;
        for (number, month) in months.iter().enumerate() {
            let is_december = number == 11;
            let due = [
                (true, main, self.pay_day, monthly),
                (self.has_benefits, classes.benefits, 4, 0.09 * monthly),
                (self.has_rental, classes.rental, 2, 0.25 * monthly),
                (
                    self.has_interest && is_december,
                    classes.interest,
                    30,
                    0.03 * monthly,
                ),
                (has_gifts && is_december, classes.gifts, 23, 50.0),
            ];
            for (applies, class, day, amount) in due {
                if let (true, Some(class)) = (applies, tables.taxonomy.income_classes().get(class))
                {
                    let second = month.moment_on(day, Hours::Early, random);
                    bookings.book(second, cents(amount), Label::Class(&class.id));
                }
            }
        }
    }
}
