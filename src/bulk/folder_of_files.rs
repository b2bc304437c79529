//! Folder of part files, as Spark and Dask write a table.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::BulkError;
use crate::format::Format;

/// The files of a folder in the order of their names. Files that begin with `_` or `.` are no part of the table.
///
/// # Errors
/// [`BulkError::Folder`] when another folder is in it, or files of several formats or of an unknown one: nothing may be
/// left out without a word.
pub(crate) fn files(folder: &Path, format: Option<Format>) -> Result<Vec<PathBuf>, BulkError> {
    let refused = || BulkError::Folder(folder.to_owned());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(BulkError::file(folder))? {
        let entry = entry.map_err(BulkError::file(folder))?;
        if entry.file_name().to_string_lossy().starts_with(['_', '.']) {
            continue;
        }
        let path = entry.path();
        let metadata = fs::metadata(&path).map_err(BulkError::file(&path))?;
        if !metadata.is_file() {
            return Err(refused());
        }
        files.push(path);
    }
    files.sort();
    let formats = files
        .iter()
        .map(|path| format.or(Format::by_extension(path)));
    let mut formats = formats
        .collect::<Option<Vec<Format>>>()
        .ok_or_else(refused)?;
    formats.dedup();
    match formats[..] {
        // Spark writes a history a line into files of this name, others one a file.
        [] | [Format::Json] | [_, _, ..] => Err(refused()),
        [_] => Ok(files),
    }
}
