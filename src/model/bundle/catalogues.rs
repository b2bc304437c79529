//! Catalogues of reasons in a bundle's folder: those that the manifest lists, and languages that were added.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use super::error::BundleError;
use super::files::{read, read_checked};
use crate::manifest::Manifest;
use microseg_history::Taxonomy;
use microseg_reasons::{CatalogueError, Catalogues, Language};

/// Reads `reasons/<language>.json` for every language of the bundle.
///
/// A bundle from before there were catalogues has none: English is then made from the taxonomy, as `model build` does.
pub(super) fn read_catalogues(
    directory: &Path,
    manifest: &Manifest,
    taxonomy: &Taxonomy,
) -> Result<Catalogues, BundleError> {
    let bytes = |language: &Language| {
        let file = language.file();
        match manifest.files.get(&file) {
            Some(checksum) => read_checked(directory, &file, checksum),
            None => read(directory, &file),
        }
    };
    let fault = |language: &Language| {
        let file = language.file();
        |source: CatalogueError| BundleError::Catalogue { file, source }
    };

    let english = Language::english();
    let mut languages = found(directory)?;
    // The codes of English are the reference for the other languages: they must not change without a checksum.
    if languages.contains(&english) && !manifest.files.contains_key(&english.file()) {
        return Err(BundleError::Unlisted(english.file()));
    }
    languages.extend(
        manifest
            .files
            .keys()
            .filter_map(|file| Language::of_file(file)),
    );
    let text = languages.take(&english).as_ref().map(bytes).transpose()?;
    let mut catalogues =
        Catalogues::new(text.as_deref(), taxonomy, &manifest.outputs).map_err(fault(&english))?;
    for language in languages {
        let text = bytes(&language)?;
        let fault = fault(&language);
        catalogues.add(language, &text).map_err(fault)?;
    }
    Ok(catalogues)
}

/// The languages whose files lie in the folder.
fn found(directory: &Path) -> Result<BTreeSet<Language>, BundleError> {
    let path = directory.join(Language::FOLDER);
    let fault = |source| BundleError::Read {
        path: path.clone(),
        source,
    };
    let entries = match std::fs::read_dir(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        entries => entries.map_err(fault)?,
    };
    let mut languages = BTreeSet::new();
    for entry in entries {
        let name = entry.map_err(fault)?.file_name();
        let name = name.to_string_lossy();
        // What editors and mounts leave behind is hidden.
        if !name.starts_with('.') {
            let file = format!("{}/{name}", Language::FOLDER);
            // A name that is nearly right would be a language that is never found.
            let language = Language::of_file(&file).ok_or(BundleError::LanguageName(file))?;
            languages.insert(language);
        }
    }
    Ok(languages)
}
