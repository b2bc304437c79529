//! Tables of transactions as CSV (RFC 4180): lines may end in LF or CRLF, and quoted fields may have line ends in them.

mod boundary;
mod cut;
mod quoted_fields;
mod quotes;
mod read;
mod records;
mod swallowed_rows;
mod table;

pub(crate) use boundary::first_change;
pub(crate) use cut::{CsvRange, cut};
pub(crate) use quotes::Quotes;
pub(crate) use read::read;
pub(crate) use table::CsvTable;
