//! `microseg key`: a new API key, and its entry for the server.

use std::process::ExitCode;

use clap::Args;
use microseg_access::{KeyName, NewKey, Scopes, Tenant};

use crate::outcome::CommandResult;
use crate::output;

/// Arguments of `microseg key`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The name of the key's user: letters, digits, '.', '_' and '-'. The log of every request has the name
    name: KeyName,
    /// The scopes of the key, joined by +: score, explain, read (what explain made), admin (which includes the others)
    #[arg(long)]
    scopes: Scopes,
    /// The tenant of the key: letters, digits, '.', '_' and '-'. Its records, jobs and customers are its own
    /// [default: that of all keys without a tenant]
    #[arg(long)]
    tenant: Option<Tenant>,
}

/// Prints the key on standard output and its entry on standard error, so that they can be redirected separately.
pub(crate) fn run(arguments: &Arguments) -> CommandResult {
    let key = NewKey::draw()?;
    output::print(&format!("{}\n", key.reveal()))?;
    let tenant = arguments.tenant.clone().unwrap_or_default();
    eprintln!("{}", key.entry(&arguments.name, &tenant, &arguments.scopes));
    Ok(ExitCode::SUCCESS)
}
