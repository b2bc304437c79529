//! The door: the command line of microseg.

mod commands;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use microseg::config::{self, ConfigFile, ConfigSettings, LogSettings};

/// Micro-segment features of customers' spending from an LSTM, and explanations that carry their proof
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, arg_required_else_help = true)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,

    #[command(flatten)]
    config: ConfigSettings,

    #[command(flatten)]
    log: LogSettings,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve a model over HTTP
    Serve(commands::serve::Arguments),
    /// Score histories, or tables of transactions, on all processors: a line of JSON or a row for each customer
    Score(commands::score::Arguments),
    /// Explain histories: a line of JSON for each
    Explain(commands::explain::Arguments),
    /// Draw a population of customers: a history for each, as NDJSON
    Simulate(commands::simulate::Arguments),
    /// Turn histories into the network's input: a line of JSON for each
    Encode(commands::encode::Arguments),
    /// Look at models on disk
    #[command(subcommand)]
    Model(commands::model::Command),
    /// Check the chain of records: exit code 0 when it is whole, 1 when it is broken, 2 when that cannot be told
    Audit(commands::audit::Arguments),
    /// Make an API key: the key on standard output, its entry for the server on standard error
    Key(commands::key::Arguments),
    /// Print the HTTP interface as an OpenAPI document
    Openapi,
    /// Ask a running server whether it is ready: exit code 0 or 1
    Health(commands::health::Arguments),
}

fn main() -> ExitCode {
    // The command line is read twice: first to know the file, then with the file's values beneath its own.
    let file = match ConfigFile::read(&CommandLine::parse().config) {
        Ok(file) => file,
        Err(error) => {
            // As bad flags do, and not 1, which says something else in some commands.
            eprintln!("microseg: {error}");
            return ExitCode::from(2);
        }
    };
    let found = file.set_defaults(CommandLine::command()).get_matches();
    let line = CommandLine::from_arg_matches(&found).unwrap_or_else(|error| error.exit());
    let ended = microseg::telemetry::start_log(&line.log)
        .map_err(|error| format!("--log: {error}").into())
        .and_then(|()| match line.command {
            Command::Serve(arguments) if arguments.print_config => {
                let found = found.subcommand().map_or(&found, |(_, found)| found);
                commands::output::print(&config::print(found, &file))
            }
            Command::Serve(arguments) => commands::serve::run(arguments),
            Command::Score(arguments) => commands::score::run(&arguments),
            Command::Explain(arguments) => commands::explain::run(&arguments),
            Command::Simulate(arguments) => commands::simulate::run(&arguments),
            Command::Encode(arguments) => commands::encode::run(&arguments),
            Command::Model(command) => commands::model::run(&command),
            Command::Audit(arguments) => commands::audit::run(&arguments),
            Command::Key(arguments) => commands::key::run(&arguments),
            Command::Openapi => commands::openapi::run(),
            Command::Health(arguments) => commands::health::run(&arguments),
        });
    match ended {
        Ok(code) => code,
        Err(error) => {
            eprintln!("microseg: {error}");
            ExitCode::FAILURE
        }
    }
}
