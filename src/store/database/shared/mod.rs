//! Statements that SQLite and PostgreSQL share, generic over the database that runs them.

mod aged;
pub(crate) mod chain;
mod customer_age;
pub(crate) mod customers;
mod entry_row;
pub(crate) mod erasures;
mod folds;
pub(crate) mod idempotency;
pub(crate) mod jobs;
pub(crate) mod migrations;
pub(crate) mod records;
pub(crate) mod retention;
pub(crate) mod session;
