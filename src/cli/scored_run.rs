//! Scorings of many customers, as `microseg score` writes them: a file of lines, or a folder of such files.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use microseg_pages::Tally;
use serde_json::Value;

use crate::outcome::BoxError;

/// Whether a path is of scorings of many customers, by what it is and its extension.
pub(crate) fn is_one(path: &Path) -> bool {
    path.is_dir() || has_lines(path)
}

fn has_lines(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "ndjson")
}

/// What a page calls it.
pub(crate) fn name(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy());
    name.map_or_else(|| path.display().to_string(), Cow::into_owned)
}

/// Counts all lines of a file or of the files of a folder.
pub(crate) fn tally(path: &Path, mut tally: Tally) -> Result<Tally, BoxError> {
    for file in files(path)? {
        let fault = |number: usize, error: &dyn std::fmt::Display| {
            format!("{}: line {number}: {error}", file.display())
        };
        let opened = File::open(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        for (index, line) in BufReader::new(opened).lines().enumerate() {
            let line = line.map_err(|error| fault(index + 1, &error))?;
            if line.trim().is_empty() {
                continue;
            }
            let line: Value = serde_json::from_str(&line)
                .map_err(|_| fault(index + 1, &"expected a scoring or a problem, as JSON"))?;
            tally.add(&line).map_err(|error| fault(index + 1, &error))?;
        }
    }
    Ok(tally)
}

/// The files of lines, in the order of their names; those of the run itself are passed over.
fn files(path: &Path) -> Result<Vec<PathBuf>, BoxError> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(|error| format!("{}: {error}", path.display()))? {
        let file = entry?.path();
        let is_of_the_run = name(&file).starts_with(['_', '.']);
        if !is_of_the_run && has_lines(&file) {
            files.push(file);
        }
    }
    files.sort();
    if files.is_empty() {
        let place = path.display();
        return Err(format!(
            "{place}: no .ndjson file: a report needs the trajectories, which `microseg score --to ndjson` writes"
        )
        .into());
    }
    Ok(files)
}
