//! Scoring of resamples of a customer's own transactions.

use std::collections::BTreeMap;

use crate::certainty::{Certainty, SegmentShare};
use crate::document::Scoring;
use crate::sequences::{Batches, Steps, run_to_ends};
use microseg_encoding::Inputs;
use microseg_model::{Model, Priority, RunError, Trajectories};
use microseg_timing::Timing;

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
        let close = |found: [f32; 2], expected: [f32; 2]| {
            let mut ends = found.iter().zip(expected);
            assert!(ends.all(|(found, expected)| (found - expected).abs() < 1e-6));
        };
        let numbers = |count: u8| (1..=count).rev().map(f32::from).collect();
        close(interval(numbers(20)), [1.0, 20.0]);
        close(interval(numbers(100)), [3.0, 98.0]);
        close(interval(vec![0.5]), [0.5, 0.5]);
    }
}
