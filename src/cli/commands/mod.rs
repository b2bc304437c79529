//! Commands of the program, one file for each.

pub(crate) mod audit;
pub(crate) mod encode;
pub(crate) mod explain;
pub(crate) mod health;
pub(crate) mod key;
pub(crate) mod model;
pub(crate) mod openapi;
pub(crate) mod report;
pub(crate) mod retention;
pub(crate) mod score;
pub(crate) mod serve;
pub(crate) mod simulate;
