//! Inputs of a bulk run: files, patterns of files and standard input, each with its format.

use std::fs;
use std::path::{Path, PathBuf};

use crate::content_check;
use crate::error::BulkError;
use crate::file_state::FileState;
use crate::folder_of_files;
use crate::format::Format;

/// One file, or standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// `None` is standard input.
    file: Option<InputFile>,
    format: Format,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct InputFile {
    path: PathBuf,
    /// Its state when it was found.
    state: FileState,
}

impl Input {
    /// Finds the inputs that a command line names: files, patterns such as `tables/*.csv`, folders of part files, or `-`
    /// for standard input.
    ///
    /// A file whose name is the pattern itself wins over the pattern. The files of a pattern or a folder are in the order
    /// of their names.
    ///
    /// # Errors
    /// [`BulkError`] when a pattern matches nothing, a file cannot be read or its first bytes are of another format, or
    /// standard input is named twice.
    pub fn find(names: &[String], format: Option<Format>) -> Result<Vec<Self>, BulkError> {
        let mut inputs = Vec::new();
        for name in names {
            if name == "-" {
                inputs.push(Self {
                    file: None,
                    format: format.unwrap_or(Format::Ndjson),
                });
                continue;
            }
            let path = Path::new(name);
            let paths = if is_pattern(name) && !path.exists() {
                matches(name)?
            } else if path.is_dir() {
                folder_of_files::files(path, format)?
            } else {
                vec![path.to_owned()]
            };
            for path in paths {
                inputs.push(Self::of_file(path, format)?);
            }
        }
        let mut pipes = inputs.iter().filter(|input| input.file.is_none());
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

    fn of_file(path: PathBuf, format: Option<Format>) -> Result<Self, BulkError> {
        let metadata = fs::metadata(&path).map_err(BulkError::file(&path))?;
        if !metadata.is_file() {
            return Err(BulkError::NotAFile(path));
        }
        let format = format.unwrap_or_else(|| Format::of(&path));
        match format {
            Format::Parquet => content_check::require_parquet(&path)?,
            _ => content_check::require_text(&path)?,
        }
        let state = FileState::from(&metadata);
        Ok(Self {
            file: Some(InputFile { path, state }),
            format,
        })
    }

    /// The file's state when it was found; `None` is standard input.
    pub(crate) fn state(&self) -> Option<&FileState> {
        self.file.as_ref().map(|file| &file.state)
    }

    /// Whether the file is as it was when it was found.
    ///
    /// # Errors
    /// [`BulkError::InputChanged`] when it is not.
    pub(crate) fn require_unchanged(&self) -> Result<(), BulkError> {
        let Some(InputFile { path, state }) = &self.file else {
            return Ok(());
        };
        match fs::metadata(path) {
            Ok(metadata) if FileState::from(&metadata) == *state => Ok(()),
            _ => Err(BulkError::InputChanged(path.clone())),
        }
    }

    /// The character between two fields, where none is given.
    pub(crate) fn usual_delimiter(&self) -> u8 {
        match self.path() {
            Some(path) if Format::has_tabs(path) => b'\t',
            _ => b',',
        }
    }

    /// The input's format.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// The file; `None` is standard input.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.file.as_ref().map(|file| file.path.as_path())
    }

    /// The input's name, for messages.
    #[must_use]
    pub fn name(&self) -> String {
        self.path().map_or_else(
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
        let file = tempfile::Builder::new().suffix(".CSV").tempfile().unwrap();
        let name = file.path().display().to_string();
        let forced = Input::find(std::slice::from_ref(&name), Some(Format::Ndjson)).unwrap();
        assert_eq!(forced[0].format(), Format::Ndjson);
        assert_eq!(Input::find(&[name], None).unwrap()[0].format(), Format::Csv);
    }

    #[test]
    fn folder_of_part_files_is_read_and_another_folder_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str| fs::write(folder.path().join(name), "").unwrap();
        let name = folder.path().display().to_string();
        let find = || Input::find(std::slice::from_ref(&name), None);
        assert!(matches!(find(), Err(BulkError::Folder(_))));
        for name in [
            "part-1.parquet",
            "part-0.parquet",
            "_SUCCESS",
            ".part-0.crc",
        ] {
            write(name);
        }
        let found: Vec<String> = find().unwrap().iter().map(Input::name).collect();
        assert!(found[0].ends_with("/part-0.parquet") && found[1].ends_with("/part-1.parquet"));
        assert_eq!(found.len(), 2);
        // Nothing is left out without a word.
        write("part-2.parquet.gz");
        let error = find().unwrap_err().to_string();
        assert!(error.contains("/*.parquet'"), "{error}");
    }

    #[test]
    fn change_of_a_file_is_noticed_also_when_its_size_and_time_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        fs::write(&path, "before").unwrap();
        let inputs = Input::find(&[path.display().to_string()], None).unwrap();
        inputs[0].require_unchanged().unwrap();
        let modified = fs::metadata(&path).unwrap().modified().unwrap();
        fs::write(folder.path().join("b.csv"), "beyond").unwrap();
        fs::rename(folder.path().join("b.csv"), &path).unwrap();
        let file = fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(modified).unwrap();
        assert!(matches!(
            inputs[0].require_unchanged(),
            Err(BulkError::InputChanged(_))
        ));
    }

    #[test]
    fn standard_input_is_refused_twice_and_as_parquet() {
        let pipe = || "-".to_owned();
        assert!(Input::find(&[pipe(), pipe()], None).is_err());
        assert!(Input::find(&[pipe()], Some(Format::Parquet)).is_err());
    }
}
