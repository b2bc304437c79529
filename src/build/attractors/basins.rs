//! Basins of attractors: the share of customers that come to rest nearest to each.

use indicatif::ProgressBar;

use super::settling::settle;
use crate::statistics::FinalStep;
use microseg_runtime::{Network, NetworkError};
use microseg_space::{Attractor, Population, distance, nearest};

/// Sequences that run together.
const BATCH: usize = 256;

/// Holds each customer's own last profile and counts to which attractor the state comes nearest; gives the share of
/// the customers whose states do not settle.
pub(super) fn measure_basins(
    network: &dyn Network,
    customers: &[FinalStep],
    attractors: &mut [Attractor],
    population: &Population,
    progress: &ProgressBar,
) -> Result<f64, NetworkError> {
    let place = |state: &mut dyn Iterator<Item = f32>| -> Vec<f64> {
        population
            .final_states
            .standardize(state.map(f64::from))
            .collect()
    };
    let places: Vec<Vec<f64>> = attractors
        .iter()
        .map(|one| place(&mut one.state.iter().copied()))
        .collect();
    let mut counts = vec![0_u32; attractors.len()];
    let mut unsettled = 0_u32;
    for group in customers.chunks(BATCH) {
        let mut start = network.zero_state(group.len());
        for (sequence, customer) in group.iter().enumerate() {
            start.set_sequence(sequence, customer.recurrent_state.numbers());
        }
        let profiles: Vec<&[f32]> = group.iter().map(|one| one.profile.as_slice()).collect();
        let run = settle(network, &profiles, start)?;
        for sequence in 0..group.len() {
            if !run.settled[sequence] {
                unsettled += 1;
                continue;
            }
            let state = place(&mut run.states.row(sequence).iter().copied());
            let distances = places.iter().map(|attractor| distance(&state, attractor));
            // There may be no attractor at all.
            if let Some(count) = counts.get_mut(nearest(distances)) {
                *count += 1;
            }
        }
        progress.inc(group.len() as u64);
    }
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let all = customers.len().max(1) as f64;
    for (attractor, count) in attractors.iter_mut().zip(counts) {
        attractor.basin = f64::from(count) / all;
    }
    Ok(f64::from(unsettled) / all)
}
