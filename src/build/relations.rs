//! Planted co-spending relations, read from CSV.

use std::io::Read;

use serde::Deserialize;

use microseg_history::{Booking, Taxonomy};

/// A planted co-spending relation: spending on a class goes with an output, without a coefficient in the taxonomy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Relation {
    pub(super) class: usize,
    pub(super) output: usize,
    pub(super) expected: f64,
}

#[derive(Deserialize)]
struct Row {
    class: String,
    output: String,
    expected: f64,
}

/// Why relations could not be read.
#[derive(Debug, thiserror::Error)]
pub enum RelationsError {
    /// Not CSV with the columns class, output and expected.
    #[error("{0}")]
    Csv(#[from] csv::Error),
    /// A name that the model does not have.
    #[error("row {row}: there is no {what} `{name}`")]
    Unknown {
        /// The row, from 1, the header not counted.
        row: usize,
        /// `class` or `output`.
        what: &'static str,
        /// What was written.
        name: String,
    },
    /// A row that is no such relation.
    #[error("row {row}: {reason}")]
    Row {
        /// The row, from 1, the header not counted.
        row: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Too few for a correlation.
    #[error("fewer than 8 relations")]
    Few,
}

/// Reads `class,output,expected`.
pub(super) fn read_relations(
    source: impl Read,
    taxonomy: &Taxonomy,
    outputs: &[String],
) -> Result<Vec<Relation>, RelationsError> {
    let mut relations = Vec::new();
    for (index, row) in csv::Reader::from_reader(source).deserialize().enumerate() {
        let Row {
            class,
            output,
            expected,
        } = row?;
        let unknown = |what, name| RelationsError::Unknown {
            row: index + 1,
            what,
            name,
        };
        let Some(Booking::Spending(place)) = taxonomy.booking_of_class(&class) else {
            return Err(unknown("class", class));
        };
        let Some(output) = outputs.iter().position(|name| *name == output) else {
            return Err(unknown("output", output));
        };
        let relation = Relation {
            class: place.get(),
            output,
            expected,
        };
        let column = taxonomy
            .traits()
            .iter()
            .position(|name| *name == outputs[output]);
        let coefficient = |column: usize| taxonomy.classes()[relation.class].coefficients[column];
        let refused = |reason| RelationsError::Row {
            row: index + 1,
            reason,
        };
        if !expected.is_finite() {
            return Err(refused("expected is not a finite number"));
        }
        if column.is_some_and(|column| coefficient(column) != 0.0) {
            return Err(refused(
                "the taxonomy has a coefficient for this class and output",
            ));
        }
        let known = |one: &Relation| (one.class, one.output) == (relation.class, output);
        if relations.iter().any(known) {
            return Err(refused("another row has the same class and output"));
        }
        relations.push(relation);
    }
    if relations.len() < 8 {
        return Err(RelationsError::Few);
    }
    Ok(relations)
}
