//! Command line of microseg.
//!
//! Imports point one way: `command_line` → `commands` → the other files, which the commands share.

mod amount_options;
mod command_line;
mod commands;
mod end_guard;
mod histories;
mod outcome;
mod output;
mod progress;
mod scored_run;
mod sources;
mod table_options;
mod threads;

pub use command_line::run;
