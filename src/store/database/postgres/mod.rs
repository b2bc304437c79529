//! PostgreSQL: its connections, its transactions, and the removal of erased rows.

pub(crate) mod address;
mod begin;
mod connect;
pub(crate) mod database;
mod erasures;
mod existing;
mod insert_batch;
mod jobs;
mod migrations;
mod pooled_connection;
mod records;
mod retention;
mod session;
pub(crate) mod snapshot;
mod time_limit;
mod transaction;
