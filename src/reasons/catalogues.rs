//! Catalogues of a model: English, and its translations.

use std::collections::BTreeMap;

use super::catalogue::Catalogue;
use super::english::english;
use super::error::CatalogueError;
use super::language::Language;
use microseg_history::Taxonomy;

/// A model's catalogues; the codes are the same in all of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Catalogues {
    outputs: Vec<String>,
    english: Catalogue,
    others: BTreeMap<String, Catalogue>,
}

impl Catalogues {
    /// Takes the English catalogue: the one in `bytes`, or else the one made from the taxonomy.
    ///
    /// # Errors
    /// [`CatalogueError`] when it does not fit the taxonomy's spending classes or the network's `outputs`.
    pub fn new(
        bytes: Option<&[u8]>,
        taxonomy: &Taxonomy,
        outputs: &[String],
    ) -> Result<Self, CatalogueError> {
        let english = match bytes {
            Some(bytes) => Catalogue::english(bytes, taxonomy, outputs)?,
            None => Catalogue::english(&english(taxonomy, outputs)?, taxonomy, outputs)?,
        };
        Ok(Self {
            outputs: outputs.to_vec(),
            english,
            others: BTreeMap::new(),
        })
    }

    /// Adds a language other than English.
    ///
    /// # Errors
    /// [`CatalogueError`] when it has another version, other codes or other outputs than English, or a text is missing.
    pub fn add(&mut self, language: Language, bytes: &[u8]) -> Result<(), CatalogueError> {
        let tag = language.to_string();
        let catalogue = Catalogue::translation(bytes, language, &self.outputs, &self.english)?;
        self.others.insert(tag, catalogue);
        Ok(())
    }

    /// The catalogue in the language of this tag.
    #[must_use]
    pub fn get(&self, language: &str) -> Option<&Catalogue> {
        if language == self.english.language() {
            return Some(&self.english);
        }
        self.others.get(language)
    }

    /// The tags of all languages: English first, then the others in the order of the alphabet.
    pub fn languages(&self) -> impl Iterator<Item = &str> {
        let others = self.others.keys().map(String::as_str);
        std::iter::once(self.english.language()).chain(others)
    }
}
