//! Standard output: lines of JSON, or a text.

use std::io::{self, BufWriter, StdoutLock, Write};
use std::process::ExitCode;

use serde::Serialize;

use super::Ended;

/// Standard output, a JSON document a line.
pub(super) struct Lines(BufWriter<StdoutLock<'static>>);

impl Lines {
    pub(super) fn new() -> Self {
        Self(BufWriter::with_capacity(1 << 16, io::stdout().lock()))
    }

    /// Writes one line. `false` when nobody reads any more, as behind `| head`: time to end in peace.
    pub(super) fn write(&mut self, document: &impl Serialize) -> io::Result<bool> {
        let written = serde_json::to_writer(&mut self.0, document)
            .map_err(io::Error::from)
            .and_then(|()| self.0.write_all(b"\n"));
        is_read(written)
    }

    /// Hands over what has been written.
    pub(super) fn flush(&mut self) -> io::Result<bool> {
        is_read(self.0.flush())
    }
}

/// Prints a text.
pub(crate) fn print(text: &str) -> Ended {
    is_read(io::stdout().lock().write_all(text.as_bytes()))?;
    Ok(ExitCode::SUCCESS)
}

fn is_read(written: io::Result<()>) -> io::Result<bool> {
    match written {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error),
    }
}
