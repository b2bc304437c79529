//! `microseg key`: a new API key for whoever is to use it, and its entry for the server.

use std::process::ExitCode;

use clap::Args;
use microseg::access::{KeyName, NewKey, Scopes};

use super::Ended;

/// What `microseg key` takes.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Who is to hold the key: letters, digits, '.', '_' and '-'. The name stands in the log of every request
    name: KeyName,
    /// What the key is good for, joined by +: score, explain, admin (which includes the others)
    #[arg(long)]
    scopes: Scopes,
}

/// Prints the key on standard output and its entry on standard error, so that each can be sent its own way.
pub(crate) fn run(arguments: &Arguments) -> Ended {
    let key = NewKey::draw()?;
    println!("{}", key.reveal());
    eprintln!("{}", key.entry(&arguments.name, &arguments.scopes));
    Ok(ExitCode::SUCCESS)
}
