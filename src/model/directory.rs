//! Folder of models: `<models>/<name>/<version>/`, where the highest version serves.

use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

use sha2::{Digest, Sha256};

use crate::bundle::{self, BundleError};
use crate::default_model::{DefaultModelError, default_of};
use crate::manifest::files::MANIFEST;
use crate::manifest::{is_model_name, parse_version};

/// Why no bundle was found.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// A folder is missing or cannot be listed.
    #[error("{}: {source}", path.display())]
    Read {
        /// The folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// No subfolder is a model with a numbered version.
    #[error("{}: no model: expected NAME/VERSION/manifest.json, where VERSION is a whole number", .0.display())]
    Empty(PathBuf),
    /// The folder lacks what the settings name.
    #[error(
        "{}: no model {name}{}; there are: {}",
        path.display(), version.map_or_else(String::new, |version| format!(" of version {version}")), found.join(", ")
    )]
    Missing {
        /// The folder of models.
        path: PathBuf,
        /// The model's name.
        name: String,
        /// The version, where one is named.
        version: Option<u32>,
        /// The bundles that the folder has, as NAME/VERSION.
        found: Vec<String>,
    },
    /// Several models, and no name.
    #[error(
        "{}: several models: name one of them with --model, or as the default in models.toml: {}",
        path.display(), names.join(", ")
    )]
    Several {
        /// The folder of models.
        path: PathBuf,
        /// The models in it.
        names: Vec<String>,
    },
    /// The folder's own file names no default.
    #[error(transparent)]
    Default(#[from] DefaultModelError),
}

/// A bundle by its place: `<models>/<name>/<version>/`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FoundBundle {
    name: String,
    version: u32,
    folder: PathBuf,
}

impl fmt::Display for FoundBundle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.name, self.version)
    }
}

impl FoundBundle {
    /// The model's name, as its folder has it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The version, as its folder has it.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// SHA-256 of the manifest, which holds the checksums of all other files.
    pub(crate) fn digest(&self) -> Result<[u8; 32], BundleError> {
        let manifest = bundle::read(&self.folder, MANIFEST)?;
        Ok(Sha256::digest(manifest).into())
    }
}

/// The highest version of the model `name`, or else of the folder's default, or of the only model there is.
///
/// # Errors
/// [`DirectoryError`] when there is no model, or several of which none is named.
pub fn find_bundle(models: &Path, name: Option<&str>) -> Result<FoundBundle, DirectoryError> {
    let mut found = find_bundles(models)?;
    if let Some(name) = expect_default(models, name, &found)? {
        found.retain(|bundle| bundle.name == name);
    }
    let highest: Vec<_> = found
        .chunk_by(|one, other| one.name == other.name)
        .filter_map(<[FoundBundle]>::last)
        .collect();
    match highest[..] {
        [] => Err(DirectoryError::Empty(models.to_owned())),
        [bundle] => Ok(bundle.clone()),
        ref several => Err(DirectoryError::Several {
            path: models.to_owned(),
            names: several.iter().map(|bundle| bundle.name.clone()).collect(),
        }),
    }
}

/// Checks that a folder has bundles, and the default among them, without loading any.
///
/// # Errors
/// [`DirectoryError`] when there is no model, or not the one that is named.
pub fn expect_bundles(models: &Path, name: Option<&str>) -> Result<(), DirectoryError> {
    let found = find_bundles(models)?;
    expect_default(models, name, &found)?;
    if found.is_empty() {
        return Err(DirectoryError::Empty(models.to_owned()));
    }
    Ok(())
}

/// The name of the default, which the folder has.
fn expect_default(
    models: &Path,
    requested: Option<&str>,
    found: &[FoundBundle],
) -> Result<Option<String>, DirectoryError> {
    let default = default_name(models, requested, found)?;
    if let Some(name) = &default
        && !found.iter().any(|bundle| bundle.name == *name)
    {
        return Err(DirectoryError::Missing {
            path: models.to_owned(),
            name: name.clone(),
            version: None,
            found: found.iter().map(FoundBundle::to_string).collect(),
        });
    }
    Ok(default)
}

/// The name of the default: the requested one, or else the one that the folder's file gives, if it has one.
///
/// # Errors
/// [`DirectoryError`] when the file is read and is not as it must be.
pub(crate) fn default_name(
    models: &Path,
    requested: Option<&str>,
    found: &[FoundBundle],
) -> Result<Option<String>, DirectoryError> {
    if let Some(name) = requested {
        return Ok(Some(name.to_owned()));
    }
    let names = found.iter().map(FoundBundle::name).collect();
    Ok(default_of(models, &names)?)
}

/// Every version of every model, by name and then by number.
///
/// # Errors
/// [`DirectoryError`] when a folder cannot be listed.
pub(crate) fn find_bundles(models: &Path) -> Result<Vec<FoundBundle>, DirectoryError> {
    let mut found = Vec::new();
    for name in subfolders(models)? {
        // A folder of another kind of name, such as lost+found, is no model and may not even be readable.
        if !is_model_name(&name) {
            continue;
        }
        let versions = subfolders(&models.join(&name))?;
        let versions = versions.iter().filter_map(|version| parse_version(version));
        found.extend(versions.map(|version| FoundBundle {
            folder: models.join(&name).join(version.to_string()),
            name: name.clone(),
            version,
        }));
    }
    found.sort();
    Ok(found)
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
    fn highest_version_of_the_only_model_is_found() {
        let models = tempfile::tempdir().unwrap();
        let missing = find_bundle(&models.path().join("nowhere"), None).unwrap_err();
        assert!(missing.to_string().contains("nowhere"));
        fs::create_dir_all(models.path().join("train/notes")).unwrap();
        assert!(matches!(
            find_bundle(models.path(), None),
            Err(DirectoryError::Empty(_))
        ));
        for version in ["a/2", "a/10", "a/draft", "a/011", "lost+found/99"] {
            fs::create_dir_all(models.path().join(version)).unwrap();
        }
        assert_eq!(
            find_bundle(models.path(), None).unwrap().folder,
            models.path().join("a/10")
        );
        fs::create_dir_all(models.path().join("b/1")).unwrap();
        let several = find_bundle(models.path(), None).unwrap_err().to_string();
        assert!(several.ends_with("a, b"), "{several}");
        assert_eq!(
            find_bundle(models.path(), Some("b")).unwrap().folder,
            models.path().join("b/1")
        );
        let missing = find_bundle(models.path(), Some("c")).unwrap_err();
        let missing = missing.to_string();
        let expected = "no model c; there are: a/2, a/10, b/1";
        assert!(missing.ends_with(expected), "{missing}");
    }

    #[test]
    fn requested_name_wins_over_the_default_of_the_file() {
        let models = tempfile::tempdir().unwrap();
        for bundle in ["a/1", "a/2", "b/1"] {
            fs::create_dir_all(models.path().join(bundle)).unwrap();
        }
        let file = models.path().join("models.toml");
        fs::write(&file, "default = \"a\"").unwrap();
        let found = |name| find_bundle(models.path(), name).unwrap();
        assert_eq!((found(None).name(), found(None).version()), ("a", 2));
        assert_eq!(found(Some("b")).name(), "b");
        // What is not read cannot be wrong.
        fs::write(&file, "default = \"c\"").unwrap();
        assert_eq!(found(Some("b")).name(), "b");
        let refused = find_bundle(models.path(), None).unwrap_err();
        assert!(matches!(refused, DirectoryError::Default(_)), "{refused}");
    }
}
