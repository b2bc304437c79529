//! Documents that a page of an explanation is made from, read, and the figures that they give.

use serde_json::Value;

use crate::course::{Course, ReadCourse};
use crate::documents::{Explanation, Target, read};
use crate::figures::{fidelity, known, moves, pairs, waterfall};
use crate::render::PageError;
use crate::svg::Figure;

/// The documents that a page of an explanation is made from, each as the interface answers it.
#[derive(Debug, Clone, Copy)]
pub struct ExplanationDocuments<'a> {
    /// The explanation, or its record.
    pub explanation: &'a Value,
    /// What else is known of its customer and its model.
    pub course: Option<&'a Course>,
    /// Why the course is not there.
    pub course_note: Option<&'a str>,
    /// The history that was sent, without its options.
    pub history: Option<&'a Value>,
}

/// The documents, read.
pub(super) struct Parts {
    pub(super) explanation: Explanation,
    pub(super) course: Option<ReadCourse>,
}

impl Parts {
    pub(super) fn read(documents: &ExplanationDocuments<'_>) -> Result<Self, PageError> {
        Ok(Self {
            explanation: read("explanation", documents.explanation)?,
            course: documents.course.map(ReadCourse::read).transpose()?,
        })
    }

    /// One waterfall for each target, with its target.
    pub(super) fn causes(&self) -> impl Iterator<Item = (Figure, &Target)> {
        let explanation = &self.explanation;
        let targets = explanation.targets.iter().enumerate();
        targets.map(|(index, target)| {
            let figure = waterfall::figure(explanation, target, format!("cause-{index}"));
            (figure, target)
        })
    }

    /// The pairs of each target that has some.
    pub(super) fn pairs(&self) -> impl Iterator<Item = Figure> {
        let targets = self.explanation.targets.iter().enumerate();
        targets.filter_map(|(index, target)| pairs::figure(target, format!("pairs-{index}")))
    }

    /// What each alternative of a recourse moves.
    pub(super) fn moves(&self) -> impl Iterator<Item = Figure> {
        let options = &self.explanation.options;
        let recourse = self.explanation.recourse.iter();
        recourse.flat_map(move |recourse| {
            let alternatives = recourse.alternatives.iter().enumerate();
            alternatives.map(move |(index, alternative)| {
                moves::figure(recourse, alternative, options, index + 1)
            })
        })
    }

    pub(super) fn course(&self) -> Vec<Figure> {
        self.course
            .as_ref()
            .map(ReadCourse::figures)
            .unwrap_or_default()
    }

    /// What the trust in the numbers rests on; of a recourse, which estimates nothing, there is none.
    pub(super) fn evidence(&self) -> Option<Figure> {
        let explanation = &self.explanation;
        if explanation.recourse.is_some() {
            None
        } else if explanation.has_shapley_values() {
            Some(known::figure(explanation))
        } else {
            Some(fidelity::figure(explanation))
        }
    }

    pub(super) fn figures(&self) -> Vec<Figure> {
        let causes = self.causes().map(|(figure, _)| figure);
        let mut figures: Vec<Figure> = causes.chain(self.pairs()).chain(self.moves()).collect();
        figures.extend(self.course());
        figures.extend(self.evidence());
        figures
    }
}
