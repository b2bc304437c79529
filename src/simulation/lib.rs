//! Customers that never lived: histories whose traits, habits and drift are known, to train on and to test against.
//!
//! A [`Population`] is a seed; its customers are drawn one by one, each the same whatever else is drawn. From the
//! ground up: the tables beside this file say how people spend (`spending.csv`), when in the year (`seasons.csv`) and
//! which classes go together (`habits.csv`); a life gives traits and habits by the year; preferences turn them into
//! shares; the household's bookings turn shares into transactions.

mod bookings;
mod calendar;
mod customer;
mod error;
mod habit;
mod household;
mod income;
mod life;
mod population;
mod preference;
mod purchases;
mod relation;
mod season;
mod spending;
mod tables;
#[cfg(test)]
mod tests;

pub use customer::{SimulatedCustomer, SimulatedTransaction};
pub use error::SimulationError;
pub use habit::{Habit, Loading};
pub use life::LifeYear;
pub use population::Population;
pub use relation::Relation;

/// The taxonomy that simulated customers spend by: the reference model's, as text.
pub const REFERENCE_TAXONOMY: &str =
    include_str!("../../models/spending-personality/1/taxonomy.csv");

/// The last calendar year of every simulated history.
const LAST_YEAR: i16 = 2020;

/// The longest simulated history, in calendar years.
const MAX_YEARS: u8 = 6;

/// Where every simulated history ends, exclusive.
const AS_OF: &str = "2021-01-01T00:00:00Z";
