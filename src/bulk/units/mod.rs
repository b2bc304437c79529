//! Division of the inputs into units, and the reading of one unit.

mod missing_columns;
mod queue;
mod stdin;
mod unit;

pub(crate) use queue::UnitQueue;
pub(crate) use unit::Unit;
