//! Sentences of a catalogue: one for each kind of part and of effect.

use super::document::{SentencesDocument, TextsDocument};
use super::error::CatalogueError;
use super::reason::Cause;
use super::template::{Placeholder, Template};

/// The sentences about parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sentences {
    class: PartSentences,
    period: PartSentences,
    cell: PartSentences,
}

/// The sentences about one kind of part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PartSentences {
    pub(super) raises: Template,
    pub(super) lowers: Template,
    pub(super) keeps: Template,
    pub(super) would_be: Template,
    pub(super) would_stay: Template,
}

impl Sentences {
    pub(super) fn parse(document: &TextsDocument) -> Result<Self, CatalogueError> {
        use Placeholder::{Class, Period};
        Ok(Self {
            class: PartSentences::parse("class", &document.class, &[Class])?,
            period: PartSentences::parse("period", &document.period, &[Period])?,
            cell: PartSentences::parse("cell", &document.cell, &[Class, Period])?,
        })
    }

    /// The sentences about the part of a cause.
    pub(super) fn of(&self, cause: &Cause<'_>) -> &PartSentences {
        match (cause.class, cause.period) {
            (Some(_), Some(_)) => &self.cell,
            (Some(_), None) => &self.class,
            (None, _) => &self.period,
        }
    }
}

impl PartSentences {
    fn parse(
        part: &str,
        document: &SentencesDocument,
        names: &[Placeholder],
    ) -> Result<Self, CatalogueError> {
        use Placeholder::{Amount, Counterfactual, Share, Target, Value};
        let sentence = |member: &str, text: &str, values: &[Placeholder]| {
            Template::parse(text, &[names, values].concat())
                .map_err(CatalogueError::text(format!("texts.{part}.{member}")))
        };
        let would_be = [Target, Counterfactual, Value];
        Ok(Self {
            raises: sentence("raises", &document.raises, &[Share, Target, Amount])?,
            lowers: sentence("lowers", &document.lowers, &[Share, Target, Amount])?,
            keeps: sentence("keeps", &document.keeps, &[Share, Target])?,
            would_be: sentence("would_be", &document.would_be, &would_be)?,
            would_stay: sentence("would_stay", &document.would_stay, &[Target, Value])?,
        })
    }
}
