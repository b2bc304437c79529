//! Inputs of a bulk run: files, patterns of files and standard input, each with its format.

use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use strum::IntoStaticStr;

use crate::error::BulkError;

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
    /// The format by a file's extension; NDJSON where the extension is unknown.
    #[must_use]
    pub fn of(path: &Path) -> Self {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("json") => Self::Json,
            Some("csv") => Self::Csv,
            Some("parquet") => Self::Parquet,
            _ => Self::Ndjson,
        }
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

/// One file, or standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// `None` is standard input.
    path: Option<PathBuf>,
    format: Format,
}

impl Input {
    /// Finds the inputs that a command line names: files, patterns such as `tables/*.csv`, or `-` for standard input.
    ///
    /// A file whose name is the pattern itself wins over the pattern. A pattern's files are in the order of their names.
    ///
    /// # Errors
    /// [`BulkError`] when a pattern matches nothing, or standard input is named twice.
    pub fn find(names: &[String], format: Option<Format>) -> Result<Vec<Self>, BulkError> {
        let mut inputs = Vec::new();
        for name in names {
            if name == "-" {
                inputs.push(Self {
                    path: None,
                    format: format.unwrap_or(Format::Ndjson),
                });
                continue;
            }
            let paths = if is_pattern(name) && !Path::new(name).exists() {
                matches(name)?
            } else {
                vec![PathBuf::from(name)]
            };
            inputs.extend(paths.into_iter().map(|path| Self {
                format: format.unwrap_or_else(|| Format::of(&path)),
                path: Some(path),
            }));
        }
        let mut pipes = inputs.iter().filter(|input| input.path.is_none());
        if let Some(pipe) = pipes.next() {
            if pipes.next().is_some() {
                return Err(BulkError::Pipe("named twice"));
            }
            if pipe.format == Format::Parquet {
                return Err(BulkError::Pipe("Parquet can be read from files only"));
            }
        }
        Ok(inputs)
    }

    /// The input's format.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// The file; `None` is standard input.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The input's name, for messages.
    #[must_use]
    pub fn name(&self) -> String {
        self.path.as_ref().map_or_else(
            || "standard input".to_owned(),
            |path| path.display().to_string(),
        )
    }
}

fn is_pattern(name: &str) -> bool {
    name.contains(['*', '?', '['])
}

fn matches(pattern: &str) -> Result<Vec<PathBuf>, BulkError> {
    let found = glob::glob(pattern).map_err(|source| BulkError::Pattern {
        pattern: pattern.to_owned(),
        source,
    })?;
    let mut paths = Vec::new();
    for path in found {
        let path = path.map_err(|error| BulkError::File {
            path: error.path().to_owned(),
            source: error.into(),
        })?;
        let metadata = fs::metadata(&path).map_err(BulkError::file(&path))?;
        if metadata.is_file() {
            paths.push(path);
        }
    }
    if paths.is_empty() {
        return Err(BulkError::NoMatch(pattern.to_owned()));
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pattern_finds_files_in_order_of_their_names() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.csv", "a.csv", "c.parquet", "odd[1].csv"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let name = |name: &str| folder.path().join(name).display().to_string();
        let found = Input::find(&[name("[ab].csv"), name("odd[1].csv")], None).unwrap();
        let expected = [name("a.csv"), name("b.csv"), name("odd[1].csv")];
        assert_eq!(found.iter().map(Input::name).collect::<Vec<_>>(), expected);
        assert!(matches!(
            Input::find(&[name("*.nothing")], None),
            Err(BulkError::NoMatch(_))
        ));
    }

    #[test]
    fn given_format_wins_over_the_extension() {
        let forced = Input::find(&["a.csv".to_owned()], Some(Format::Ndjson)).unwrap();
        assert_eq!(forced[0].format(), Format::Ndjson);
    }

    #[test]
    fn standard_input_is_refused_twice_and_as_parquet() {
        let pipe = || "-".to_owned();
        assert!(Input::find(&[pipe(), pipe()], None).is_err());
        assert!(Input::find(&[pipe()], Some(Format::Parquet)).is_err());
    }
}
