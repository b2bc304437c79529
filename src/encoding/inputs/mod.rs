//! Inputs of a network: the numbers and the categories of each step of one history.

mod arrays;
mod category;
mod cycle;
mod events;
mod exact_sum;
mod periods;
mod refusal;

pub use arrays::Inputs;
#[cfg(test)]
pub(super) use events::ENCODED;
pub(super) use events::{EventReading, EventStep, of_events};
pub(super) use periods::{PeriodRecords, Placed, PlacesInCalendar, of_periods};
