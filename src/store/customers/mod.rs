//! Kept customers: their transactions, their latest scoring, and what they ask of a database.

pub(crate) mod customer;
pub(crate) mod database;
pub(crate) mod transaction;
