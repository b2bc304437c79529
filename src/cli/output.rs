//! Output on standard output: lines of JSON, or a text.
//!
//! A network prints to the standard output of its process when its code has a `print`, and to standard error when it has a
//! warning. So the process keeps a copy of its standard output for the answers of its commands, and a server one of its
//! standard error for a log in JSON. What libtorch writes goes nowhere: it may be a customer's numbers, which belong neither
//! among the answers nor into the log.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::fd::AsFd;
use std::process::ExitCode;
use std::sync::OnceLock;

use serde::Serialize;

use crate::outcome::CommandResult;

/// The standard output that the process was started with.
static ANSWERS: OnceLock<File> = OnceLock::new();

/// The standard error that the process was started with, where it was separated.
static LOG: OnceLock<File> = OnceLock::new();

/// Separates the answers of this process from what its libraries print.
///
/// # Errors
/// When the system has no more file descriptors.
pub(crate) fn separate_answers() -> io::Result<()> {
    let answers = io::stdout().as_fd().try_clone_to_owned()?;
    if ANSWERS.set(answers.into()).is_ok() {
        rustix::stdio::dup2_stdout(nowhere()?)?;
    }
    Ok(())
}

/// Separates the log of this process from the warnings of its libraries.
///
/// # Errors
/// When the system has no more file descriptors.
pub(crate) fn separate_log() -> io::Result<()> {
    let log = io::stderr().as_fd().try_clone_to_owned()?;
    if LOG.set(log.into()).is_ok() {
        rustix::stdio::dup2_stderr(nowhere()?)?;
    }
    Ok(())
}

fn nowhere() -> io::Result<File> {
    OpenOptions::new().write(true).open("/dev/null")
}

/// The standard error that the process was started with.
pub(crate) fn stderr() -> Box<dyn Write + Send> {
    match LOG.get() {
        Some(log) => Box::new(log),
        None => Box::new(io::stderr()),
    }
}

/// Writer to standard output.
pub(crate) type Stdout = Box<dyn Write + Send>;

/// The standard output that the process was started with.
pub(crate) fn stdout() -> Stdout {
    match ANSWERS.get() {
        Some(answers) => Box::new(answers),
        None => Box::new(io::stdout()),
    }
}

/// Writer of JSON documents to standard output, one in each line.
pub(crate) struct JsonLines(BufWriter<Stdout>);

impl JsonLines {
    pub(crate) fn new() -> Self {
        Self(BufWriter::with_capacity(1 << 16, stdout()))
    }

    /// Writes one line. `false` when the reader has closed the pipe, as `| head` does: the command then ends without an error.
    pub(crate) fn write(&mut self, document: &impl Serialize) -> io::Result<bool> {
        let written = serde_json::to_writer(&mut self.0, document)
            .map_err(io::Error::from)
            .and_then(|()| self.0.write_all(b"\n"));
        is_open(written)
    }

    /// Writes what is buffered; the result is that of [`Self::write`].
    pub(crate) fn flush(&mut self) -> io::Result<bool> {
        is_open(self.0.flush())
    }
}

/// What is said behind a bundle whose encoding was held against no history.
pub(crate) fn of_encoding(is_verified: bool) -> &'static str {
    if is_verified {
        ""
    } else {
        "; the encoding is not verified: no golden case has a history"
    }
}

/// What is said behind a bundle without a table of how its explanations fare.
pub(crate) fn of_validation(is_there: bool) -> &'static str {
    if is_there {
        ""
    } else {
        "; its explanations are not validated: `microseg model validate` does it"
    }
}

/// Prints a text.
pub(crate) fn print(text: &str) -> CommandResult {
    let mut stdout = stdout();
    let written = stdout.write_all(text.as_bytes());
    is_open(written.and_then(|()| stdout.flush()))?;
    Ok(ExitCode::SUCCESS)
}

/// A text for a terminal: what a terminal would obey, or read backwards, is written as an escape. Line feeds stay.
pub(crate) fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for character in text.chars() {
        let turns = matches!(character, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if (character.is_control() && character != '\n') || turns {
            printable.extend(character.escape_default());
        } else {
            printable.push(character);
        }
    }
    printable
}

fn is_open(written: io::Result<()>) -> io::Result<bool> {
    match written {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_for_a_terminal_has_no_control_characters() {
        assert_eq!(printable("a\nb: \u{17d}ofie"), "a\nb: \u{17d}ofie");
        assert_eq!(
            printable("\u{1b}[2J\u{9b}31m\r\t\u{202e}"),
            "\\u{1b}[2J\\u{9b}31m\\r\\t\\u{202e}"
        );
    }
}
