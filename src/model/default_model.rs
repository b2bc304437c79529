//! File `models.toml` in a folder of models: the default where several names stand side by side.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// The file's name.
const FILE: &str = "models.toml";

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelsFile {
    /// The model for requests and commands that name none.
    default: String,
}

/// Why `models.toml` names no default.
#[derive(Debug, thiserror::Error)]
#[error("{}{}: {fault}", path.display(), line.map_or_else(String::new, |line| format!(", line {line}")))]
pub struct DefaultModelError {
    path: PathBuf,
    line: Option<usize>,
    fault: Fault,
}

#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error(transparent)]
    Unreadable(#[from] io::Error),
    #[error("{0}")]
    Content(String),
    #[error("default: no model {name} in this folder, which has: {}", names.join(", "))]
    Missing { name: String, names: Vec<String> },
}

/// The name that `models.toml` in this folder gives; `None` without that file, or when the folder has no model at all.
///
/// # Errors
/// [`DefaultModelError`] when the file cannot be read, has another content than a default, or names none of `found`.
pub(crate) fn default_of(
    models: &Path,
    found: &BTreeSet<&str>,
) -> Result<Option<String>, DefaultModelError> {
    let path = models.join(FILE);
    let refuse = |line, fault| DefaultModelError {
        path: path.clone(),
        line,
        fault,
    };
    if found.is_empty() {
        return Ok(None);
    }
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        text => text.map_err(|error| refuse(None, error.into()))?,
    };
    let ModelsFile { default } = toml::from_str(&text).map_err(|error| {
        let line = error.span().map(|span| line_of(&text, span.start));
        refuse(line, Fault::Content(error.message().to_owned()))
    })?;
    if found.contains(default.as_str()) {
        return Ok(Some(default));
    }
    let fault = Fault::Missing {
        name: default,
        names: found.iter().map(|&name| name.to_owned()).collect(),
    };
    Err(refuse(None, fault))
}

/// The line of a position in a text, from 1.
fn line_of(text: &str, position: usize) -> usize {
    let before = text.get(..position).unwrap_or_default();
    1 + before.matches('\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn default_in(models: &Path) -> Result<Option<String>, DefaultModelError> {
        default_of(models, &BTreeSet::from(["a", "b"]))
    }

    #[test]
    fn file_names_the_default() {
        let models = tempfile::tempdir().unwrap();
        assert_eq!(default_in(models.path()).unwrap(), None);
        let text = "# the better one\ndefault = \"b\"\n";
        fs::write(models.path().join(FILE), text).unwrap();
        assert_eq!(default_in(models.path()).unwrap().as_deref(), Some("b"));
        // A folder without models is reported as that.
        assert_eq!(default_of(models.path(), &BTreeSet::new()).unwrap(), None);
    }

    #[test]
    fn other_contents_are_refused_with_file_and_line() {
        let models = tempfile::tempdir().unwrap();
        let file = models.path().join(FILE);
        for (text, part) in [
            ("", "models.toml, line 1: missing field `default`"),
            (
                "default = \"a\"\nshadow = \"b\"",
                "models.toml, line 2: unknown field `shadow`",
            ),
            ("\ndefault = 1", "models.toml, line 2: invalid type"),
            ("default = [\"a\"]", "models.toml, line 1: invalid type"),
            (
                "default = \"a\"\ndefault = \"b\"",
                "models.toml, line 2: duplicate key",
            ),
            ("default = a", "models.toml, line 1: "),
            (
                "default = \"a/1\"",
                "models.toml: default: no model a/1 in this folder, which has: a, b",
            ),
            ("default = \"\"", "models.toml: default: no model "),
        ] {
            fs::write(&file, text).unwrap();
            let error = default_in(models.path()).unwrap_err().to_string();
            assert!(error.contains(part), "{text:?}: {error}");
        }
        fs::write(&file, [0xff]).unwrap();
        assert!(default_in(models.path()).is_err());
        fs::remove_file(&file).unwrap();
        fs::create_dir(&file).unwrap();
        assert!(default_in(models.path()).is_err());
    }
}
