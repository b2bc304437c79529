//! Lines of JSON on standard output.

use std::io::{self, BufWriter, StdoutLock, Write};

use serde::Serialize;

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

fn is_read(written: io::Result<()>) -> io::Result<bool> {
    match written {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error),
    }
}
