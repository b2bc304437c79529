//! Certainty of a scoring: how far its numbers depend on which of the customer's transactions there happen to be.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::document::Scoring;
use crate::sequences::{Batches, Steps, run_to_ends};
use microseg_encoding::Inputs;
use microseg_model::{Model, Priority, RunError, Trajectories};
use microseg_timing::Timing;

/// What scorings of resamples of the customer's own transactions give.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct Certainty {
    /// How many resamples there are.
    #[schemars(example = 100)]
    pub resamples: usize,
    /// The share of them that end in the same micro-segment, 0 to 1.
    #[schemars(example = 0.83)]
    pub same_segment: f64,
    /// The micro-segments that they end in, the most frequent first.
    pub segments: Vec<SegmentShare>,
    /// 95 % intervals of the outputs, by name.
    #[schemars(example = [("openness", [0.47, 0.53])].into_iter().collect::<BTreeMap<_, _>>())]
    pub traits: BTreeMap<String, [f32; 2]>,
    /// 95 % intervals of the numbers of the last state.
    #[schemars(example = [[-0.12_f32, -0.05], [0.31, 0.38]])]
    pub state: Vec<[f32; 2]>,
}

/// A micro-segment, and how often resamples end there.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
#[schemars(rename = "ResampledSegment")]
pub struct SegmentShare {
    /// The micro-segment.
    #[schemars(example = &"2.1")]
    pub id: String,
    /// The share of the resamples, 0 to 1.
    #[schemars(example = 0.83)]
    pub share: f64,
}

/// Scores resamples of a customer's transactions, at least one, and holds them against the scoring.
///
/// Adds the times of the queue and the network to `timing`.
///
/// # Errors
/// [`RunError`] when the queue is full or the network fails.
pub async fn certainty(
    model: &Model,
    resamples: Vec<Inputs>,
    scoring: &Scoring,
    timing: &mut Timing,
) -> Result<Certainty, RunError> {
    let steps = resamples.into_iter().map(|inputs| Steps {
        inputs,
        after: None,
    });
    let batches = (Priority::Bulk, Batches::OfMany);
    let ends = run_to_ends(model, batches, steps.collect(), timing).await?;
    Ok(of_ends(model, &ends, scoring))
}

fn of_ends(model: &Model, ends: &[Trajectories], scoring: &Scoring) -> Certainty {
    let segments = model.manifest().space.segments();
    let states: Vec<Vec<f32>> = { ends.iter() }
        .map(|end| end.final_states().row(0).to_vec())
        .collect();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for state in &states {
        *counts.entry(segments.locate(state).id).or_default() += 1;
    }
    let share = |count: usize| ratio(count, ends.len());
    let same = counts.get(&scoring.segment.id).copied().unwrap_or_default();
    let mut found: Vec<SegmentShare> = { counts.into_iter() }
        .map(|(id, count)| SegmentShare {
            id,
            share: share(count),
        })
        .collect();
    found.sort_by(|one, other| other.share.total_cmp(&one.share));
    let names = model.output_names();
    let outputs = names.iter().enumerate().map(|(output, name)| {
        let numbers = ends.iter().map(|end| end.final_outputs()[(0, output)]);
        (name.clone(), interval(numbers.collect()))
    });
    let dimensions = 0..model.manifest().hidden_size();
    Certainty {
        resamples: ends.len(),
        same_segment: share(same),
        segments: found,
        traits: outputs.collect(),
        state: dimensions
            .map(|place| interval(states.iter().map(|state| state[place]).collect()))
            .collect(),
    }
}

/// What 95 % of numbers lie in: from the last number that at most 2.5 % are below to the first that at most 2.5 % are above.
fn interval(mut numbers: Vec<f32>) -> [f32; 2] {
    numbers.sort_by(f32::total_cmp);
    // In whole numbers: 2.5 % of all but one, rounded down.
    let outside = numbers.len().saturating_sub(1) / 40;
    let at = |place: usize| numbers.get(place).copied().unwrap_or_default();
    [at(outside), at(numbers.len().saturating_sub(1 + outside))]
}

#[expect(clippy::cast_precision_loss, reason = "counts of resamples")]
fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::interval;

    #[test]
    fn interval_leaves_out_a_fortieth_at_each_end() {
        let numbers = |count: u8| (1..=count).rev().map(f32::from).collect();
        assert_eq!(interval(numbers(20)), [1.0, 20.0]);
        assert_eq!(interval(numbers(100)), [3.0, 98.0]);
        assert_eq!(interval(vec![0.5]), [0.5, 0.5]);
    }
}
