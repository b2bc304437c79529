//! Course of a customer: the way through the state space, with the tables that say what it means, as figures and words.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::documents::{Attractors, KeptTotals, ModelDetail, Scoring, Segments, read};
use crate::figures::{outputs, spending, trajectory};
use crate::render::PageError;
use crate::svg::Figure;

/// A customer's way through the state space, and the tables of the model that say what it means.
#[derive(Debug, Clone)]
pub struct Course {
    /// The scoring of the same history.
    pub scoring: Value,
    /// Its totals by period and class; `None` where the model's input is not made of them.
    pub totals: Option<Value>,
    /// `GET /v1/models/{name}` of the model.
    pub model: Value,
    /// Its micro-segments.
    pub segments: Value,
    /// Its attractors.
    pub attractors: Value,
}

/// A course whose documents were read.
pub(crate) struct ReadCourse {
    pub(crate) scoring: Scoring,
    totals: Option<KeptTotals>,
    model: ModelDetail,
    segments: Segments,
    attractors: Attractors,
}

impl ReadCourse {
    pub(crate) fn read(course: &Course) -> Result<Self, PageError> {
        Ok(Self {
            scoring: read("scoring", &course.scoring)?,
            totals: course
                .totals
                .as_ref()
                .map(|kept| read("totals", kept))
                .transpose()?,
            model: read("model", &course.model)?,
            segments: read("micro-segments", &course.segments)?,
            attractors: read("attractors", &course.attractors)?,
        })
    }

    /// The trajectory, the outputs, and the spending where it is known.
    pub(crate) fn figures(&self) -> Vec<Figure> {
        let scoring = &self.scoring;
        let population = Some(&self.model.population.outputs);
        let periods: Vec<String> = scoring
            .trajectory
            .iter()
            .map(|one| one.period.clone())
            .collect();
        let totals = self.totals.as_ref();
        let totals = totals.map(|totals| spending::figure(totals, &periods, &self.model.titles()));
        let path = trajectory::figure(scoring, &self.segments, Some(&self.attractors));
        let outputs = outputs::figure(scoring, &self.model.outputs, population);
        [path, Some(outputs), totals]
            .into_iter()
            .flatten()
            .collect()
    }
}

impl ModelDetail {
    /// The classes as people read them, by id.
    pub(crate) fn titles(&self) -> BTreeMap<String, String> {
        let classes = self.classes.iter();
        classes
            .map(|class| (class.id.clone(), class.title.clone()))
            .collect()
    }
}

/// The place of a customer among the micro-segments, in words.
pub(crate) fn place(scoring: &Scoring) -> String {
    let segment = &scoring.segment;
    let path: Vec<String> = segment
        .path
        .iter()
        .map(|step| format!("{} ({})", step.id, step.label))
        .collect();
    let margin = segment.margin.map_or(String::new(), |margin| {
        let certain = if margin < 0.25 {
            ", so close to its border"
        } else {
            ""
        };
        format!(" The next one is {margin:.2} deviations farther{certain}.")
    });
    let attractor = scoring.attractor.as_ref().map_or(String::new(), |near| {
        format!(
            " Nearest attractor: {} ({}), {:.2} away.",
            near.id, near.label, near.distance
        )
    });
    format!(
        "In micro-segment {}, {:.2} deviations from its center.{margin}{attractor}",
        path.join(" → "),
        segment.distance
    )
}
