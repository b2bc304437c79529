//! `microseg model`: check and build of models on disk.

mod build;
mod check;
mod command;
mod trial;

pub(crate) use command::{Command, run};
