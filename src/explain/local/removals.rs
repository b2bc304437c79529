//! Removals: the network's own numbers without one part, where a sentence or a note is about just that.
//!
//! The linear model is a compromise over many perturbations: for a part with a large share it may be far from what the network
//! gives without this part. Most single removals are among the perturbations; the others that matter are run.

use super::neighbourhood::Neighbourhood;
use super::outcome::Outcome;
use super::sampling::Samples;
use crate::error::ExplainError;
use crate::stability::by_size;
use microseg_timing::Timing;

/// From this share on a part is measured in any case.
const LARGE: f64 = 0.05;

/// The targets' numbers without each part alone, one row a part; `None` for a part that is small, was not drawn, and is not among
/// the `reasons` strongest of a target.
pub(super) async fn measure(
    around: &Neighbourhood<'_>,
    samples: &Samples<'_>,
    outcome: &Outcome,
    reasons: usize,
    timing: &mut Timing,
) -> Result<Vec<Option<Vec<f64>>>, ExplainError> {
    let parts = around.parts();
    let mut rows: Vec<Option<Vec<f64>>> =
        (0..parts.len()).map(|part| samples.without(part)).collect();
    let mut matters: Vec<bool> = parts.iter().map(|part| part.weight >= LARGE).collect();
    for surrogate in &outcome.surrogates {
        let strongest = by_size(&surrogate.coefficients);
        strongest
            .into_iter()
            .take(reasons)
            .for_each(|part| matters[part] = true);
    }
    for untested in &outcome.untested {
        if let Some(part) = parts
            .iter()
            .position(|part| part.place == untested.part.place)
        {
            matters[part] = true;
        }
    }
    let missing: Vec<usize> = (0..parts.len())
        .filter(|&part| matters[part] && rows[part].is_none())
        .collect();
    for some in missing.chunks(around.divided.portion()) {
        let multiply = |input: usize, factors: &mut [f64]| factors[some[input]] = 0.0;
        let numbers = around.numbers(some.len(), multiply, timing).await?;
        let targets = numbers.len() / some.len();
        for (&part, numbers) in some.iter().zip(numbers.chunks(targets)) {
            rows[part] = Some(numbers.to_vec());
        }
    }
    Ok(rows)
}
