//! Format of an input: by its name, or as it was given.

use std::path::Path;
use std::str::FromStr;

use strum::IntoStaticStr;

/// The format of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Format {
    /// One history as one JSON document.
    Json,
    /// One history a line.
    Ndjson,
    /// A table of transactions as text.
    Csv,
    /// A table of transactions in columns.
    Parquet,
}

impl FromStr for Format {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "ndjson" => Ok(Self::Ndjson),
            "csv" => Ok(Self::Csv),
            "parquet" => Ok(Self::Parquet),
            _ => Err("expected ndjson, csv or parquet"),
        }
    }
}

impl Format {
    /// The format by a file's extension, in capitals or not; NDJSON where the extension is unknown.
    #[must_use]
    pub fn of(path: &Path) -> Self {
        Self::by_extension(path).unwrap_or(Self::Ndjson)
    }

    /// The format by a file's extension; `None` where it is unknown.
    pub(crate) fn by_extension(path: &Path) -> Option<Self> {
        Some(match extension(path).as_str() {
            "json" => Self::Json,
            "ndjson" | "jsonl" => Self::Ndjson,
            "csv" => Self::Csv,
            extension if TAB_EXTENSIONS.contains(&extension) => Self::Csv,
            "parquet" => Self::Parquet,
            _ => return None,
        })
    }

    /// Whether a file's extension says that its fields are separated by tabs.
    pub(crate) fn has_tabs(path: &Path) -> bool {
        TAB_EXTENSIONS.contains(&extension(path).as_str())
    }

    /// The format's name.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        self.into()
    }

    /// Whether a row is a transaction, not a history.
    #[must_use]
    pub fn is_table(self) -> bool {
        matches!(self, Self::Csv | Self::Parquet)
    }
}

/// The extensions of tables whose fields are separated by tabs.
const TAB_EXTENSIONS: [&str; 2] = ["tsv", "tab"];

fn extension(path: &Path) -> String {
    let extension = path.extension().unwrap_or_default();
    extension.to_string_lossy().to_ascii_lowercase()
}
