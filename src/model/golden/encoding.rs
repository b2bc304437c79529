//! Check of an encoding: the histories of golden cases must become the inputs that the network was given.

use super::case::Case;
use super::error::GoldenError;
use microseg_encoding::{Encoder, Inputs};

/// How far a number may lie from the given one, in its own size or in ones, whichever is larger.
const TOLERANCE: f32 = 1e-5;

impl Case {
    /// Encodes the history of the case and compares the steps with its input; nothing without a history.
    pub(super) fn check_encoding(&self, encoder: &Encoder) -> Result<(), GoldenError> {
        let Some(history) = &self.history else {
            return Ok(());
        };
        let history = encoder.read(history.get().as_bytes());
        let history = history.map_err(|source| GoldenError::History {
            case: self.name.clone(),
            source,
        })?;
        self.compare(&history.inputs(), encoder)
    }

    fn compare(&self, found: &Inputs, encoder: &Encoder) -> Result<(), GoldenError> {
        if found.steps() != self.batch.steps() {
            return Err(GoldenError::Steps {
                case: self.name.clone(),
                expected: self.batch.steps(),
                found: found.steps(),
            });
        }
        let declaration = encoder.declaration();
        let numbers = found.numbers.indexed_iter().zip(self.batch.numbers());
        for (((step, column), found), expected) in numbers {
            if !is_near(*found, *expected) {
                let name = &declaration.number_names()[column];
                return Err(self.difference(name, step, found, expected));
            }
        }
        let codes = found.categories.indexed_iter().zip(self.batch.categories());
        for (((step, column), found), expected) in codes {
            if found != expected {
                let name = &declaration.category_names()[column];
                return Err(self.difference(name, step, found, expected));
            }
        }
        Ok(())
    }

    fn difference(
        &self,
        input: &str,
        step: usize,
        found: &impl ToString,
        expected: &impl ToString,
    ) -> GoldenError {
        GoldenError::Encoding {
            case: self.name.clone(),
            input: input.to_owned(),
            step,
            found: found.to_string(),
            expected: expected.to_string(),
        }
    }
}

fn is_near(found: f32, expected: f32) -> bool {
    (found - expected).abs() <= TOLERANCE * expected.abs().max(1.0)
}
