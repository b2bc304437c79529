//! Histories from a file or standard input: one JSON document in a `.json` file, else NDJSON, one history a line.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use microseg::bulk::{Document, Documents, Format, Place};
use microseg::problem::Problem;

/// Where histories come from.
#[derive(Debug, Clone, Args)]
pub(super) struct Source {
    /// A .json file with one history, a file of NDJSON with one history a line, or - for NDJSON on standard input
    #[arg(value_name = "FILE|-")]
    pub(super) file: PathBuf,
}

/// Reads histories one after the other.
pub(super) struct Histories {
    documents: Documents<Box<dyn BufRead>>,
    /// The file's name, for messages.
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
        if !self.is_file() {
            return Ok(Histories {
                documents: Documents::lines(Box::new(io::stdin().lock()), limit),
                name: "standard input".to_owned(),
            });
        }
        let fault = |error| format!("{}: {error}", self.file.display());
        let file = File::open(&self.file).map_err(fault)?;
        let length = file.metadata().map_err(fault)?.len();
        let progress =
            ProgressBar::new(length).with_style(progress_style("{bytes} of {total_bytes}"));
        let reader = Box::new(BufReader::new(progress.wrap_read(file)));
        Ok(Histories {
            documents: match Format::of(&self.file) {
                Format::Json => Documents::whole(reader, limit),
                _ => Documents::lines(reader, limit),
            },
            name: self.file.display().to_string(),
        })
    }
}

/// A bar that tells what is done, how fast, and how long it still takes.
pub(super) fn progress_style(done: &str) -> ProgressStyle {
    ProgressStyle::with_template(&format!("{{bar:40}} {done}, {{eta}} left"))
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// Says on standard error who was refused, by the place alone.
pub(super) fn tell_refused(input: &str, place: Place, problem: &Problem) {
    let detail = problem.detail();
    let place = place.to_string();
    // A table's problems say themselves where they are.
    if detail.starts_with(&format!("{place}: ")) {
        eprintln!("microseg: {input}: {detail}");
    } else {
        eprintln!("microseg: {input}: {place}: {detail}");
    }
}

impl Histories {
    /// What to call their source in messages.
    pub(super) fn name(&self) -> String {
        self.name.clone()
    }

    /// The next history; `None` after the last.
    pub(super) fn next_document(&mut self) -> Result<Option<Document<'_>>, String> {
        let read = self.documents.next_document();
        read.map_err(|error| format!("{}: {error}", self.name))
    }
}
