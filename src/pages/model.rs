//! Page of a model: its tables as pictures.

use serde::Serialize;
use serde_json::Value;

use crate::documents::{Attractors, ModelDetail, Segments, Surrogate, read};
use crate::drawing::{Drawing, Fact};
use crate::figures::{attractors, coefficients, segments};
use crate::frame::Frame;
use crate::numbers::grouped;
use crate::render::{PageError, page};
use crate::validation::ValidationView;

/// The documents of a model, each as the interface answers it.
#[derive(Debug, Clone)]
pub struct ModelDocuments {
    /// `GET /v1/models/{name}`.
    pub model: Value,
    /// Its micro-segments.
    pub segments: Value,
    /// Its attractors.
    pub attractors: Value,
    /// Its global surrogate; `None` where it has none.
    pub surrogate: Option<Value>,
}

#[derive(Serialize)]
struct View {
    heading: String,
    sub: String,
    figures: Vec<Drawing>,
    validation: Option<ValidationView>,
    facts: Vec<Fact>,
}

/// The page of a model.
///
/// # Errors
/// [`PageError`] when a document is not what it should be.
pub fn model_page(documents: &ModelDocuments, frame: &Frame<'_>) -> Result<String, PageError> {
    let model: ModelDetail = read("model", &documents.model)?;
    let of_segments: Segments = read("micro-segments", &documents.segments)?;
    let of_attractors: Attractors = read("attractors", &documents.attractors)?;
    let population = &model.population.outputs;
    let mut figures = vec![Drawing::new(&segments::figure(&of_segments, population))];
    if !of_attractors.attractors.is_empty() {
        figures.push(Drawing::new(&attractors::figure(
            &of_attractors,
            population,
        )));
    }
    if let Some(surrogate) = &documents.surrogate {
        let surrogate: Surrogate = read("surrogate", surrogate)?;
        figures.push(Drawing::new(&coefficients::figure(
            &surrogate,
            &model.titles(),
        )));
        figures.push(Drawing::new(&coefficients::fidelity(&surrogate)));
    }
    let mut facts = vec![Fact::code("digest", &model.sha256)];
    let provenance = model.provenance.iter();
    facts.extend(provenance.map(|(name, value)| {
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        Fact::named(name, text)
    }));
    let heading = format!("{} version {}", model.name, model.version);
    let view = View {
        sub: format!(
            "A step is a {} · {} dimensions of the state · {} outputs · {} classes · tables of {} customers",
            model.period,
            model.hidden_size,
            model.outputs.len(),
            model.classes.len(),
            grouped(crate::numbers::float(
                usize::try_from(model.population.customers).unwrap_or(usize::MAX)
            ))
        ),
        figures,
        validation: model.validation.as_ref().map(ValidationView::new),
        facts,
        heading: heading.clone(),
    };
    page(frame, &heading, include_str!("templates/model.html"), view)
}
