//! Population: one seed, from which any number of customers can be drawn, in any order.

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::bookings::Bookings;
use super::calendar::{AS_OF, LAST_YEAR, MAX_YEARS};
use super::customer::SimulatedCustomer;
use super::customer_type::CustomerType;
use super::error::SimulationError;
use super::habit::Habit;
use super::household::Household;
use super::income::Income;
use super::life::{Life, LifeYear};
use super::preference::Preferences;
use super::purchases::SpendingYear;
use super::tables::Tables;
use microseg_history::Taxonomy;

/// The fraction of customers whose history covers all years; the others joined the bank in any later year.
const FULL_HISTORY: f64 = 0.75;

/// The fraction of customers with one year, after their first, in which they spend nothing.
const GAP_YEAR: f64 = 0.06;

/// What turns the stream of a customer into another one, for what is drawn to cut the customer down.
const CUT: u64 = 1 << 63;

/// Customers with preferences, households and habits of their own; the same seed gives the same customers.
#[derive(Debug)]
pub struct Population {
    tables: Tables,
    origin: ChaCha8Rng,
}

impl Population {
    /// The population of a seed.
    ///
    /// # Errors
    /// [`SimulationError`] when the embedded tables do not fit together.
    pub fn new(seed: u64) -> Result<Self, SimulationError> {
        Ok(Self {
            tables: Tables::read()?,
            origin: ChaCha8Rng::seed_from_u64(seed),
        })
    }

    /// The taxonomy that the customers spend by: the reference model's.
    #[must_use]
    pub fn taxonomy(&self) -> &Taxonomy {
        &self.tables.taxonomy
    }

    /// The habits that are planted, in the order of [`LifeYear::habits`].
    #[must_use]
    pub fn habits(&self) -> &[Habit] {
        &self.tables.habits
    }

    /// One customer; it does not depend on the others that are drawn.
    #[must_use]
    pub fn customer(&self, index: u64) -> SimulatedCustomer<'_> {
        let mut random = self.origin.clone();
        random.set_stream(index);
        let tables = &self.tables;

        let mut life = Life::draw(&tables.habits, &mut random);
        let mut preferences = Preferences::draw(tables, &mut random);
        let mut household = Household::draw(tables, &mut random);
        let income = Income::draw(&mut random);
        let years = draw_years(&mut random);
        let gap = draw_gap(years, &mut random);

        let mut bookings = Bookings::until(tables.calendar.end, household.offset_hours);
        let mut years_of_life = Vec::with_capacity(usize::from(years));
        for number in 0..years {
            if number > 0 {
                life.advance(&tables.habits, &mut random);
                preferences.advance(&mut random);
                household.advance(&mut random);
            }
            let back = years - 1 - number;
            let months = tables.calendar.months(back);
            let shares = preferences.shares(tables, &life);
            let is_gap = gap == Some(number);
            income.book(
                tables,
                months,
                life.age,
                &household,
                &mut bookings,
                &mut random,
            );
            if !is_gap {
                let spending = SpendingYear::new(tables, months, &household, &shares);
                spending.book(&mut bookings, &mut random);
            }
            years_of_life.push(LifeYear {
                year: LAST_YEAR - i16::from(back),
                age: life.age,
                traits: life.traits,
                habits: life.habits.clone(),
                shares,
                gap: is_gap,
            });
        }
        SimulatedCustomer {
            customer_id: format!("c-{index:06}"),
            as_of: AS_OF,
            transactions: bookings.in_order(),
            life: years_of_life,
        }
    }

    /// One customer cut down to a type, by the classes of a taxonomy; it does not depend on the others that are drawn.
    #[must_use]
    pub fn customer_of_type(
        &self,
        index: u64,
        kind: CustomerType,
        taxonomy: &Taxonomy,
    ) -> SimulatedCustomer<'_> {
        let customer = self.customer(index);
        let mut random = self.origin.clone();
        random.set_stream(index ^ CUT);
        let end = self.tables.calendar.end;
        SimulatedCustomer {
            transactions: kind.cut(customer.transactions, end, taxonomy, &mut random),
            ..customer
        }
    }
}

/// How many years the history covers, 1 to [`MAX_YEARS`].
fn draw_years(random: &mut impl Rng) -> u8 {
    if random.random::<f64>() < FULL_HISTORY {
        MAX_YEARS
    } else {
        random.random_range(1..MAX_YEARS)
    }
}

/// The year without spending, 0 for the first; never the first, with which the history would begin later.
fn draw_gap(years: u8, random: &mut impl Rng) -> Option<u8> {
    let draw: f64 = random.random();
    (years > 2 && draw < GAP_YEAR).then(|| random.random_range(1..years))
}
