//! Tables of transactions as CSV (RFC 4180): lines may end in LF or CRLF, and quoted fields may hold line ends.

mod boundary;
mod cut;
mod quotes;
mod read;
mod records;

pub(super) use boundary::first_change;
pub(super) use cut::{CsvTable, Range, cut};
pub(super) use quotes::Quotes;
pub(super) use read::read;
