//! The folder of models: `<models>/<name>/<version>/`, where the highest version serves.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// Why no bundle could be chosen.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// A folder is missing or cannot be listed.
    #[error("{}: {source}", path.display())]
    Read {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// No subfolder is a model with a numbered version.
    #[error("{}: no model: expected NAME/VERSION/manifest.json, where VERSION is a whole number", .0.display())]
    Empty(PathBuf),
    /// Several models, and none was asked for.
    #[error("{}: several models, name one of them: {}", path.display(), names.join(", "))]
    Several {
        /// The folder of models.
        path: PathBuf,
        /// What is in it.
        names: Vec<String>,
    },
}

/// The folder of the highest version of the model `name`, or of the only model there is.
///
/// # Errors
/// [`DirectoryError`] when nothing is there, or the choice is not clear.
pub fn find_bundle(models: &Path, name: Option<&str>) -> Result<PathBuf, DirectoryError> {
    let mut found = Vec::new();
    for model in subfolders(models)? {
        if name.is_none_or(|name| name == model) {
            let folder = models.join(&model);
            let highest = subfolders(&folder)?
                .iter()
                .filter_map(|version| version.parse::<u32>().ok())
                .max();
            found.extend(highest.map(|version| (model, folder.join(version.to_string()))));
        }
    }
    found.sort();
    match found.as_slice() {
        [] => Err(DirectoryError::Empty(models.to_owned())),
        [(_, bundle)] => Ok(bundle.clone()),
        several => Err(DirectoryError::Several {
            path: models.to_owned(),
            names: several.iter().map(|(name, _)| name.clone()).collect(),
        }),
    }
}

fn subfolders(path: &Path) -> Result<Vec<String>, DirectoryError> {
    let fault = |source| DirectoryError::Read {
        path: path.to_owned(),
        source,
    };
    let mut names = Vec::new();
    for entry in fs::read_dir(path).map_err(fault)? {
        let entry = entry.map_err(fault)?;
        // A model may be a link to where it is kept.
        if entry.path().is_dir() {
            names.extend(entry.file_name().into_string());
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_version_of_the_only_model_serves() {
        let models = tempfile::tempdir().unwrap();
        let missing = find_bundle(&models.path().join("nowhere"), None).unwrap_err();
        assert!(missing.to_string().contains("nowhere"));
        fs::create_dir_all(models.path().join("train/notes")).unwrap();
        assert!(matches!(
            find_bundle(models.path(), None),
            Err(DirectoryError::Empty(_))
        ));
        for version in ["a/2", "a/10", "a/draft"] {
            fs::create_dir_all(models.path().join(version)).unwrap();
        }
        assert_eq!(
            find_bundle(models.path(), None).unwrap(),
            models.path().join("a/10")
        );
        fs::create_dir_all(models.path().join("b/1")).unwrap();
        let several = find_bundle(models.path(), None).unwrap_err().to_string();
        assert!(several.ends_with("a, b"), "{several}");
        assert_eq!(
            find_bundle(models.path(), Some("b")).unwrap(),
            models.path().join("b/1")
        );
    }
}
