//! Histories from a file or standard input: one JSON document in a `.json` file, else NDJSON, one history a line.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

/// Where histories come from.
#[derive(Debug, Clone, Args)]
pub(super) struct Source {
    /// A .json file with one history, a file of NDJSON with one history a line, or - for NDJSON on standard input
    #[arg(value_name = "FILE|-")]
    pub(super) file: PathBuf,
}

/// One history's bytes, and where they stand.
pub(super) struct Document {
    /// The line, from 1.
    pub(super) line: u64,
    pub(super) bytes: Vec<u8>,
}

/// Reads histories one after the other; nothing is kept of those before.
pub(super) struct Histories {
    reader: Box<dyn BufRead>,
    line: u64,
    whole: bool,
    limit: u64,
}

impl Source {
    /// Opens the source; histories beyond `limit` bytes are errors. A file shows how far it has been read.
    pub(super) fn open(&self, limit: u32) -> Result<Histories, String> {
        let limit = u64::from(limit);
        if self.file == Path::new("-") {
            return Ok(Histories {
                reader: Box::new(io::stdin().lock()),
                line: 0,
                whole: false,
                limit,
            });
        }
        let fault = |error| format!("{}: {error}", self.file.display());
        let file = File::open(&self.file).map_err(fault)?;
        let length = file.metadata().map_err(fault)?.len();
        let progress =
            ProgressBar::new(length).with_style(progress_style("{bytes} of {total_bytes}"));
        let whole = self
            .file
            .extension()
            .is_some_and(|extension| extension == "json");
        Ok(Histories {
            reader: Box::new(BufReader::new(progress.wrap_read(file))),
            line: 0,
            whole,
            limit,
        })
    }
}

/// A bar that tells what is done, how fast, and how long it still takes.
pub(super) fn progress_style(done: &str) -> ProgressStyle {
    ProgressStyle::with_template(&format!("{{bar:40}} {done}, {{eta}} left"))
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}

impl Iterator for Histories {
    type Item = io::Result<Document>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let mut bytes = Vec::new();
            let mut limited = self.reader.by_ref().take(self.limit + 1);
            let read = if self.whole {
                limited.read_to_end(&mut bytes)
            } else {
                limited.read_until(b'\n', &mut bytes)
            };
            self.line += 1;
            match read {
                Ok(0) => return None,
                Ok(_) if bytes.len() as u64 > self.limit => {
                    let limit = self.limit;
                    let text = format!(
                        "line {}: more than {limit} bytes, the limit max_body_bytes",
                        self.line
                    );
                    return Some(Err(io::Error::new(io::ErrorKind::InvalidData, text)));
                }
                // Blank lines separate nothing.
                Ok(_) if bytes.trim_ascii().is_empty() => {}
                Ok(_) => {
                    return Some(Ok(Document {
                        line: self.line,
                        bytes,
                    }));
                }
                Err(error) => return Some(Err(error)),
            }
        }
    }
}
