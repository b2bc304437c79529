//! Fields as parts: the numbers of all events that are taken from one field, missing or multiplied.

use std::time::Instant;

use super::reencoded::ReencodedCustomer;
use crate::error::ExplainError;
use crate::part::{Part, Place};
use microseg_encoding::{NumberField, Reencoder};
use microseg_model::{Priority, Trajectories};
use microseg_scoring::{Batches, Steps, run_to_ends};
use microseg_timing::Timing;

/// The fields that a network of events reads numbers from.
pub(crate) struct DividedFields<'a> {
    pub(crate) customer: &'a ReencodedCustomer<'a>,
    fields: Vec<NumberField>,
    /// Those of the fields that are changed.
    parts: Vec<Part>,
}

impl<'a> DividedFields<'a> {
    /// Each field is a part; only quantities are where values are multiplied.
    pub(crate) fn new(customer: &'a ReencodedCustomer<'a>, scales: bool) -> Self {
        let fields = customer.model.manifest().declaration().number_fields();
        let changed = fields.iter().enumerate();
        let changed = changed.filter(|(_, field)| !scales || field.is_quantity);
        let places: Vec<usize> = changed.map(|(place, _)| place).collect();
        Self {
            parts: places
                .iter()
                .map(|&place| Part::of_field(place, places.len()))
                .collect(),
            customer,
            fields,
        }
    }

    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Runs the customer's events with other values of the fields, for each list of factors, one for each part.
    pub(crate) async fn run(
        &self,
        factors: &[Vec<f64>],
        timing: &mut Timing,
    ) -> Result<Vec<Trajectories>, ExplainError> {
        let Reencoder::Events(events) = self.customer.history.reencoder else {
            return Ok(Vec::new());
        };
        let begun = Instant::now();
        let sequence = |of_parts: &Vec<f64>| -> Result<Steps, ExplainError> {
            let of_fields = self.of_fields(of_parts);
            let steps = &self.customer.steps;
            Ok(Steps {
                inputs: events.inputs_of_fields(steps, &self.fields, &of_fields)?,
                after: self.customer.begin.clone(),
            })
        };
        let sequences: Vec<Steps> = factors.iter().map(sequence).collect::<Result<_, _>>()?;
        timing.perturb += begun.elapsed();
        let batches = (Priority::Explain, Batches::OfMany);
        Ok(run_to_ends(self.customer.model, batches, sequences, timing).await?)
    }

    /// A factor for each field, from one for each part.
    fn of_fields(&self, of_parts: &[f64]) -> Vec<f64> {
        let mut factors = vec![1.0; self.fields.len()];
        for (part, &factor) in self.parts.iter().zip(of_parts) {
            if let Place::Field(field) = part.place {
                factors[field] = factor;
            }
        }
        factors
    }
}
