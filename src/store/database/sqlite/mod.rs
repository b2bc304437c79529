//! SQLite: its file, its transactions, and the removal of erased bytes.

mod address;
pub(crate) mod anchor;
pub(crate) mod database;
mod database_file;
mod erasures;
mod existing;
mod files;
mod jobs;
mod migrations;
mod pool;
mod records;
mod retention;
mod session;
pub(crate) mod snapshot;
#[cfg(test)]
mod tests;
mod transaction;
mod vacuum;
