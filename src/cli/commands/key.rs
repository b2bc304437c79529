//! `microseg key`: a new API key, and its entry for the server.

use std::process::ExitCode;

use clap::Args;
use microseg_access::{KeyName, NewKey, Scopes};

use crate::outcome::CommandResult;
use crate::output;

/// Arguments of `microseg key`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The name of the key's user: letters, digits, '.', '_' and '-'. The log of every request has the name
    name: KeyName,
    /// The scopes of the key, joined by +: score, explain, admin (which includes the others)
    #[arg(long)]
    scopes: Scopes,
}

/// Prints the key on standard output and its entry on standard error, so that they can be redirected separately.
pub(crate) fn run(arguments: &Arguments) -> CommandResult {
    let key = NewKey::draw()?;
    output::print(&format!("{}\n", key.reveal()))?;
    eprintln!("{}", key.entry(&arguments.name, &arguments.scopes));
    Ok(ExitCode::SUCCESS)
}
