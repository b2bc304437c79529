//! Outline of a model: its names, checked before there are any tables.

use std::collections::BTreeSet;

use super::error::ManifestError;
use super::names::{is_model_name, parse_version};

/// More are a mistake or an attack: they are refused before anything is allocated.
const MAX_OUTPUTS: usize = 1_024;

/// Names of a model; a builder checks them before it begins.
#[derive(Debug, Clone, Copy)]
pub struct Outline<'m> {
    /// The model's name.
    pub name: &'m str,
    /// The version, as text.
    pub version: &'m str,
    /// The classes of the taxonomy, in their order.
    pub classes: &'m [String],
    /// The names of the outputs.
    pub outputs: &'m [String],
}

impl Outline<'_> {
    /// Refuses names that are equal or not allowed.
    ///
    /// # Errors
    /// [`ManifestError::Member`] names the first member that is wrong.
    pub fn check(self) -> Result<(), ManifestError> {
        let fault = |member, reason: &str| ManifestError::Member {
            member,
            reason: reason.to_owned(),
        };
        if !is_model_name(self.name) {
            return Err(fault("name", "expected 1 to 64 of a-z, 0-9 and hyphens"));
        }
        if parse_version(self.version).is_none() {
            return Err(fault(
                "version",
                "expected a whole number as text, such as \"1\"",
            ));
        }
        check_names("classes", self.classes, usize::from(u16::MAX))?;
        check_names("outputs", self.outputs, MAX_OUTPUTS)?;
        // Names of other targets of an explanation.
        let reserved =
            |name: &String| name == "traits" || name == "state" || name.starts_with("state.");
        if self.outputs.iter().any(reserved) {
            return Err(fault(
                "outputs",
                "traits, state and state.… mean something else",
            ));
        }
        Ok(())
    }
}

fn check_names(member: &'static str, names: &[String], most: usize) -> Result<(), ManifestError> {
    let fault = |reason| Err(ManifestError::Member { member, reason });
    if names.is_empty() || names.len() > most {
        return fault(format!("expected 1 to {most} names, found {}", names.len()));
    }
    let mut seen = BTreeSet::new();
    for name in names {
        if name.is_empty() || name.len() > 64 || name.chars().any(char::is_control) {
            return fault("expected names of 1 to 64 bytes without control characters".to_owned());
        }
        if !seen.insert(name) {
            return fault(format!("`{name}` stands twice"));
        }
    }
    Ok(())
}
