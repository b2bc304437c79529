//! Histories from a file or standard input: one JSON document in a `.json` file, else NDJSON, one history a line.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use microseg::problem::{Problem, ProblemKind};

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
    /// The bytes, or the problem with a history that is too large to be read.
    pub(super) bytes: Result<Vec<u8>, Problem>,
}

/// Reads histories one after the other; nothing is kept of those before.
pub(super) struct Histories {
    reader: Box<dyn BufRead>,
    line: u64,
    whole: bool,
    limit: u64,
    /// The file's name, for errors of the disk.
    name: String,
}

impl Source {
    /// Whether the histories come from a file, not through a pipe.
    pub(super) fn is_file(&self) -> bool {
        self.file != Path::new("-")
    }

    /// Opens the source; histories beyond `limit` bytes are problems. A file shows how far it has been read.
    pub(super) fn open(&self, limit: u32) -> Result<Histories, String> {
        let limit = u64::from(limit);
        if self.file == Path::new("-") {
            return Ok(Histories {
                reader: Box::new(io::stdin().lock()),
                line: 0,
                whole: false,
                limit,
                name: "standard input".to_owned(),
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
            name: self.file.display().to_string(),
        })
    }
}

/// A bar that tells what is done, how fast, and how long it still takes.
pub(super) fn progress_style(done: &str) -> ProgressStyle {
    ProgressStyle::with_template(&format!("{{bar:40}} {done}, {{eta}} left"))
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}

impl Histories {
    fn read(&mut self) -> io::Result<Option<Document>> {
        loop {
            let mut bytes = Vec::new();
            let mut limited = self.reader.by_ref().take(self.limit + 1);
            let read = if self.whole {
                limited.read_to_end(&mut bytes)?
            } else {
                limited.read_until(b'\n', &mut bytes)?
            };
            self.line += 1;
            // An empty .json file is one history too, and not a good one.
            if read == 0 && !(self.whole && self.line == 1) {
                return Ok(None);
            }
            let line = self.line;
            if bytes.len() as u64 > self.limit {
                if !self.whole {
                    self.reader.skip_until(b'\n')?;
                }
                let detail = format!("more than {} bytes, the limit max_body_bytes", self.limit);
                let problem = Problem::new(ProblemKind::BodyTooLarge, detail);
                return Ok(Some(Document {
                    line,
                    bytes: Err(problem),
                }));
            }
            // Blank lines separate nothing.
            if self.whole || !bytes.trim_ascii().is_empty() {
                return Ok(Some(Document {
                    line,
                    bytes: Ok(bytes),
                }));
            }
        }
    }
}

impl Iterator for Histories {
    type Item = Result<Document, String>;

    fn next(&mut self) -> Option<Self::Item> {
        let read = self
            .read()
            .map_err(|error| format!("{}: {error}", self.name));
        read.transpose()
    }
}
