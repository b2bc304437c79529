//! Simulated customers: histories whose traits, habits and drift are known, to train on and to test against.
//!
//! A [`Population`] is a seed; its customers are drawn one by one, each independent of the others that are drawn. The
//! tables beside this file give how people spend (`spending.csv`), when in the year (`seasons.csv`) and which classes go
//! together (`habits.csv`). A life gives traits and habits by the year; preferences turn them into shares; bookings turn
//! shares and income into transactions.

mod bookings;
mod calendar;
mod customer;
mod customer_type;
mod error;
mod habit;
mod household;
mod income;
mod income_classes;
mod life;
mod life_stage;
mod population;
mod preference;
mod purchases;
mod relation;
mod season;
mod spending;
mod tables;
#[cfg(test)]
mod tests;
mod transaction;

pub use customer::SimulatedCustomer;
pub use customer_type::CustomerType;
pub use error::SimulationError;
pub use habit::{Habit, Loading};
pub use life::LifeYear;
pub use population::Population;
pub use relation::Relation;
pub use tables::REFERENCE_TAXONOMY;
pub use transaction::SimulatedTransaction;
