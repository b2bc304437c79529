//! The commands, one file each, and what several of them share: histories in, lines out.

mod asking;
pub(crate) mod audit;
pub(crate) mod encode;
pub(crate) mod explain;
pub(crate) mod health;
mod histories;
pub(crate) mod key;
pub(crate) mod model;
pub(crate) mod openapi;
pub(crate) mod output;
pub(crate) mod score;
pub(crate) mod serve;
pub(crate) mod simulate;
mod tables;
mod watching;

use std::process::ExitCode;

/// How a command ends: a code, or an error to print.
type Ended = Result<ExitCode, Box<dyn std::error::Error + Send + Sync>>;
