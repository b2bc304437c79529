//! Result of a command: an exit code, or an error to print.

use std::error::Error;
use std::process::ExitCode;

/// Any error that ends a command.
pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// The exit code of a command, or the error that it prints.
pub(crate) type CommandResult = Result<ExitCode, BoxError>;
