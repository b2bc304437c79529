//! Black-box tests of bulk scoring: the program on files, with the reference network.

#![allow(clippy::unwrap_used, reason = "a test that cannot continue has failed")]

mod amount_notations;
mod bad_rows;
mod changing_input;
mod csv_boundaries;
mod declared_fields;
mod disk_faults;
mod explained_tables;
mod formats;
mod other_content;
mod parquet_types;
mod parts;
mod plausibility;
mod quotes;
mod resuming;
mod standard_output;
