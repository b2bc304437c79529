//! Arguments of the program, and the run of the given command.

use std::io::Write as _;
use std::process::ExitCode;

use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};
use microseg_config::{ConfigFile, ConfigSettings, LogFormat, LogSettings};

use crate::commands;
use crate::outcome::{BoxError, CommandResult};
use crate::output;

/// What one does first, below the list of commands.
const FIRST_STEPS: &str = "\
First steps:
  microseg serve                                      serve the models of the folder models on 127.0.0.1:8080, with a page at /
  microseg score transactions.csv                     features of each customer, from columns customer_id, timestamp, amount, mcc
  microseg simulate --customers 3 | microseg score -  the same for customers that are made up";

/// Micro-segment features of customers' spending from an LSTM, and explanations with evidence of their quality
#[derive(Debug, Parser)]
#[command(
    name = "microseg",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    after_help = FIRST_STEPS
)]
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
    /// Serve models over HTTP
    Serve(Box<commands::serve::Arguments>),
    /// Score histories, or tables of transactions, on all processors: a line of JSON or a row for each customer
    Score(Box<commands::score::Arguments>),
    /// Explain histories, or tables of transactions: a line of JSON for each customer
    Explain(Box<commands::explain::Arguments>),
    /// Write the page of an explanation into one file: of a history, an explanation or a record
    Report(commands::report::Arguments),
    /// Simulate a population of customers: a history for each, as NDJSON
    Simulate(commands::simulate::Arguments),
    /// Encode histories as the network's input: a line of JSON for each
    Encode(commands::encode::Arguments),
    /// Check or build a model on disk
    #[command(subcommand)]
    Model(commands::model::Command),
    /// Check the chain of records: exit code 0 when it is whole, 1 when it is broken, 2 when it could not be checked
    Audit(commands::audit::Arguments),
    /// Show which explanations are too old, and confirm that they may be erased where a server stops and asks
    Retention(commands::retention::Arguments),
    /// Make an API key: the key on standard output, its entry for the server on standard error
    Key(commands::key::Arguments),
    /// Print the HTTP interface as an OpenAPI document
    Openapi,
    /// Ask a running server whether it is ready: exit code 0 or 1
    Health(commands::health::Arguments),
}

/// Runs the command of the process's arguments. An error is printed on standard error.
#[must_use]
pub fn run() -> ExitCode {
    // The command line is parsed twice: first for the path of the file, then with the file's values as defaults.
    let file = match ConfigFile::read(&CommandLine::parse().config) {
        Ok(file) => file,
        Err(error) => {
            // The code of an invalid flag; in some commands 1 has another meaning.
            eprintln!("microseg: {error}");
            return ExitCode::from(2);
        }
    };
    let matches = file.set_defaults(CommandLine::command()).get_matches();
    let line = CommandLine::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let result = separate_outputs(&line)
        .map_err(BoxError::from)
        .and_then(|()| {
            let started = microseg_telemetry::start_log(&line.log, output::stderr);
            started.map_err(|error| format!("--log: {error}").into())
        })
        .and_then(|()| run_command(line.command, &matches, &file));
    result.unwrap_or_else(|error| {
        // There is nothing left to tell it to.
        let text = output::printable(&error.to_string());
        let _ = writeln!(output::stderr(), "microseg: {text}");
        ExitCode::FAILURE
    })
}

/// Separates what the program writes from what a network prints.
fn separate_outputs(line: &CommandLine) -> std::io::Result<()> {
    match &line.command {
        // What a network prints in its trial is counted by the process that started it.
        Command::Model(command) if command.is_trial() => return Ok(()),
        Command::Serve(_) if line.log.log_format == LogFormat::Json => output::separate_log()?,
        _ => {}
    }
    output::separate_answers()
}

fn run_command(command: Command, matches: &ArgMatches, file: &ConfigFile) -> CommandResult {
    match command {
        Command::Serve(arguments) if arguments.print_config => {
            let matches = matches.subcommand().map_or(matches, |(_, matches)| matches);
            output::print(&microseg_config::print(matches, file))
        }
        Command::Serve(arguments) => commands::serve::run(*arguments),
        Command::Score(arguments) => commands::score::run(&arguments),
        Command::Explain(arguments) => commands::explain::run(&arguments),
        Command::Report(arguments) => commands::report::run(&arguments),
        Command::Simulate(arguments) => commands::simulate::run(&arguments),
        Command::Encode(arguments) => commands::encode::run(&arguments),
        Command::Model(command) => commands::model::run(&command),
        Command::Audit(arguments) => commands::audit::run(&arguments),
        Command::Retention(arguments) => commands::retention::run(&arguments),
        Command::Key(arguments) => commands::key::run(&arguments),
        Command::Openapi => commands::openapi::run(),
        Command::Health(arguments) => commands::health::run(&arguments),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_steps_are_commands_that_there_are() {
        let lines = FIRST_STEPS.lines().skip(1);
        let commands = lines.flat_map(|line| line.trim().split("  ").next().unwrap().split(" | "));
        let parsed = commands.map(|command| {
            let words = command.split(' ');
            CommandLine::try_parse_from(words)
                .map(drop)
                .map_err(|error| error.to_string())
        });
        assert_eq!(parsed.collect::<Vec<_>>(), vec![Ok(()); 4]);
    }
}
