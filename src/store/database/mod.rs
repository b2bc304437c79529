//! SQLite and PostgreSQL: all SQL of the store.
//!
//! `open` chooses the kind of database once, by the scheme of the URL; after that every call goes through the traits of
//! `interface`. Statements that both databases share are in `shared`, generic over sqlx's `Database`: unlike sqlx's
//! `Any`, they keep the types of parameters and columns of the database that runs them. Each database runs them, and
//! its own statements, through its `Session`, which adds its time limits and its errors.

pub(crate) mod interface;
pub(crate) mod open;
mod postgres;
mod shared;
mod sqlite;
