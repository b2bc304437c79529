//! Erasures of explanations and jobs: what is selected, what was erased, and what they ask of a database.

pub(crate) mod database;
pub(crate) mod erased;
pub(crate) mod selection;
