//! SQLite: its file, its transactions, and the removal of erased bytes.

mod address;
mod anchor;
pub(crate) mod database;
mod erasures;
mod existing;
mod files;
mod jobs;
mod migrations;
mod pool;
mod records;
mod session;
pub(crate) mod snapshot;
#[cfg(test)]
mod tests;
mod transaction;
