//! `microseg model`: check, build and validation of models on disk.

mod build;
mod check;
mod command;
mod trial;
mod validate;

pub(crate) use command::{Command, run};
