//! Output on standard output: lines of JSON, or a text.

use std::io::{self, BufWriter, StdoutLock, Write};
use std::process::ExitCode;

use serde::Serialize;

use crate::outcome::CommandResult;

/// Writer of JSON documents to standard output, one in each line.
pub(crate) struct JsonLines(BufWriter<StdoutLock<'static>>);

impl JsonLines {
    pub(crate) fn new() -> Self {
        Self(BufWriter::with_capacity(1 << 16, io::stdout().lock()))
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

/// Prints a text.
pub(crate) fn print(text: &str) -> CommandResult {
    is_open(io::stdout().lock().write_all(text.as_bytes()))?;
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
