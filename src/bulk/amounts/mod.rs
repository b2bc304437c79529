//! Amounts of tables: how they are written, and which columns they are in.

mod notation;
mod read;
mod signed;
mod text;

pub use notation::{AmountNotation, AmountSign, DecimalMark};
pub(crate) use signed::MoneyColumns;
