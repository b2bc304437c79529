//! Kept customers: their transactions, their latest scoring, and what they ask of a database.

pub(crate) mod age_database;
pub(crate) mod customer;
pub(crate) mod database;
pub(crate) mod erasure;
pub(crate) mod fold;
pub(crate) mod fold_database;
pub(crate) mod transaction;
