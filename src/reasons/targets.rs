//! Names of the targets in a sentence.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::document::TargetsDocument;
use super::error::CatalogueError;
use super::template::{Placeholder, Template, check_text};

/// The names of all targets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Targets {
    outputs: BTreeMap<String, String>,
    state: Template,
    segment: String,
    decision: Option<String>,
}

impl Targets {
    /// Takes the names if each of the network's outputs has one, and nothing else.
    pub(super) fn parse(
        document: TargetsDocument,
        outputs: &[String],
    ) -> Result<Self, CatalogueError> {
        let fault = |reason| Err(CatalogueError::member("targets.outputs", reason));
        let mut texts = BTreeMap::new();
        for (place, output) in document.outputs.into_iter().enumerate() {
            if !outputs.contains(&output.name) {
                return fault(format!("`{}` is no output of the model", output.name));
            }
            let member = format!("targets.outputs[{place}].text");
            check_text(&output.text).map_err(CatalogueError::text(member))?;
            if texts.insert(output.name.clone(), output.text).is_some() {
                return fault(format!("`{}` stands twice", output.name));
            }
        }
        if let Some(missing) = outputs.iter().find(|&output| !texts.contains_key(output)) {
            return fault(format!("`{missing}` is missing"));
        }
        if let Some(decision) = &document.decision {
            check_text(decision).map_err(CatalogueError::text("targets.decision"))?;
        }
        check_text(&document.segment).map_err(CatalogueError::text("targets.segment"))?;
        let state = Template::parse(&document.state, &[Placeholder::Index]);
        Ok(Self {
            outputs: texts,
            state: state.map_err(CatalogueError::text("targets.state"))?,
            segment: document.segment,
            decision: document.decision,
        })
    }

    /// The name of an output, of `state.3` or of `segment`; any other target has its own.
    pub(super) fn text<'a>(&'a self, target: &'a str) -> Cow<'a, str> {
        if let Some(text) = self.outputs.get(target) {
            return text.into();
        }
        if let Some(index) = target.strip_prefix("state.") {
            return self.state.fill(&[(Placeholder::Index, index)]).into();
        }
        match target {
            "segment" => &self.segment,
            "decision" => self.decision.as_deref().unwrap_or(target),
            target => target,
        }
        .into()
    }
}
