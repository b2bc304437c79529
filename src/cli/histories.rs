//! Histories from a file or standard input: one JSON document in a `.json` file, else NDJSON.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::ProgressBar;
use microseg_bulk::{Content, Format, JsonDocument, JsonDocuments, require_text};

use crate::progress::progress_style;

/// The source of histories.
#[derive(Debug, Clone, Args)]
pub(crate) struct HistorySource {
    /// A .json file with one history, a file of NDJSON with one history a line, or - for NDJSON on standard input
    #[arg(value_name = "FILE|-")]
    file: PathBuf,
    /// The format, where it is not that of the extension.
    #[arg(skip)]
    format: Option<Format>,
}

/// Reader of one history after the other.
pub(crate) struct Histories {
    documents: JsonDocuments<Box<dyn BufRead>>,
    /// The file's name, for messages.
    name: String,
}

impl HistorySource {
    /// A file, or `-` for standard input, of this format or of that of its extension.
    pub(crate) fn of(file: &Path, format: Option<Format>) -> Self {
        Self {
            file: file.to_owned(),
            format,
        }
    }

    /// Whether the histories are read from a file, not from standard input.
    pub(crate) fn is_file(&self) -> bool {
        self.file != Path::new("-")
    }

    /// Opens the source; histories beyond `limit` bytes are problems. For a file, a progress bar is shown.
    pub(crate) fn open(&self, limit: u32) -> Result<Histories, String> {
        let limit = u64::from(limit);
        if !self.is_file() {
            let name = "standard input".to_owned();
            let mut reader = io::stdin().lock();
            let head = reader.fill_buf();
            let head = head.map_err(|error| format!("{name}: {error}"))?;
            if let Some(content) = Content::of(head) {
                return Err(format!("{name}: the content is {content}"));
            }
            return Ok(Histories {
                documents: JsonDocuments::lines(Box::new(reader), limit),
                name,
            });
        }
        let file_error = |error| format!("{}: {error}", self.file.display());
        let file = File::open(&self.file).map_err(file_error)?;
        let metadata = file.metadata().map_err(file_error)?;
        // A pipe is read once only: looking at its first bytes would lose them.
        if metadata.is_file() {
            require_text(&self.file).map_err(|error| error.to_string())?;
        }
        let length = metadata.len();
        let progress =
            ProgressBar::new(length).with_style(progress_style("{bytes} of {total_bytes}"));
        let reader = Box::new(BufReader::new(progress.wrap_read(file)));
        Ok(Histories {
            documents: match self.format.unwrap_or_else(|| Format::of(&self.file)) {
                Format::Json => JsonDocuments::whole(reader, limit),
                _ => JsonDocuments::lines(reader, limit),
            },
            name: self.file.display().to_string(),
        })
    }
}

impl Histories {
    /// The name of the source, for messages.
    pub(crate) fn name(&self) -> String {
        self.name.clone()
    }

    /// The next history; `None` after the last.
    pub(crate) fn next_document(&mut self) -> Result<Option<JsonDocument<'_>>, String> {
        let read = self.documents.next_document();
        read.map_err(|error| format!("{}: {error}", self.name))
    }
}
