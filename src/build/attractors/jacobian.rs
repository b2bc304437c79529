//! Jacobian of one period of the network over its recurrent state, by central differences.

use ndarray::{Array1, Array2, Array3};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::recurrent_state::{flat, one_of};
use crate::spectral_radius::spectral_radius;
use microseg_runtime::{Batch, Network, NetworkError, RecurrentState};

/// The step of the central differences: their truncation and the rounding of 32-bit floats are both near 1e-5.
const STEP: f32 = 1.0 / 128.0;

/// The most numbers of a recurrent state for a Jacobian, whose powers cost their cube; beyond, a direction is followed.
const MOST_NUMBERS: usize = 512;

/// The columns of the Jacobian that run together, with two sequences each.
const COLUMNS: usize = 128;

/// The periods that a direction is followed for; the second half is measured.
const GROWTH_PERIODS: usize = 200;

/// The spectral radius of the Jacobian at a recurrent state, with a profile of K shares.
pub(super) fn spectral_radius_at(
    network: &dyn Network,
    profile: &[f32],
    state: &RecurrentState,
) -> Result<f64, NetworkError> {
    if state.numbers().count() <= MOST_NUMBERS {
        Ok(spectral_radius(&jacobian(network, profile, state)?))
    } else {
        growth(network, profile, state)
    }
}

/// The Jacobian, `[2 L H, 2 L H]`.
fn jacobian(
    network: &dyn Network,
    profile: &[f32],
    state: &RecurrentState,
) -> Result<Array2<f64>, NetworkError> {
    let place = flat(state);
    let size = place.len();
    let mut jacobian = Array2::zeros((size, size));
    let columns: Vec<usize> = (0..size).collect();
    for columns in columns.chunks(COLUMNS) {
        // For each column one sequence a step ahead, and one a step behind.
        let mut moved = network.zero_state(2 * columns.len());
        for (index, &column) in columns.iter().enumerate() {
            for (sequence, step) in [(2 * index, STEP), (2 * index + 1, -STEP)] {
                let mut numbers = place.clone();
                numbers[column] += step;
                moved.set_sequence(sequence, numbers);
            }
        }
        let inputs = repeated(profile, 2 * columns.len());
        let after = network
            .run(&Batch::continued(inputs, moved))?
            .recurrent_state;
        for (index, &column) in columns.iter().enumerate() {
            let ahead = flat(&one_of(&after, 2 * index));
            let behind = flat(&one_of(&after, 2 * index + 1));
            let slope = (ahead - behind).mapv(|change| f64::from(change) / f64::from(2.0 * STEP));
            jacobian.column_mut(column).assign(&slope);
        }
    }
    Ok(jacobian)
}

/// The spectral radius by the growth of a random direction under the Jacobian (Gelfand's formula).
fn growth(
    network: &dyn Network,
    profile: &[f32],
    state: &RecurrentState,
) -> Result<f64, NetworkError> {
    let place = flat(state);
    let mut random = ChaCha8Rng::seed_from_u64(0);
    let mut direction: Array1<f32> = place.mapv(|_| random.random_range(-STEP..STEP));
    let mut logarithms = Vec::with_capacity(GROWTH_PERIODS);
    for _ in 0..GROWTH_PERIODS {
        let mut moved = network.zero_state(2);
        moved.set_sequence(0, &place + &direction);
        moved.set_sequence(1, &place - &direction);
        let after = network
            .run(&Batch::continued(repeated(profile, 2), moved))?
            .recurrent_state;
        let next = (flat(&one_of(&after, 0)) - flat(&one_of(&after, 1))) / 2.0;
        let length =
            |numbers: &Array1<f32>| numbers.fold(0.0, |most: f32, one| most.max(one.abs()));
        let (before, now) = (length(&direction), length(&next));
        if now <= 0.0 {
            return Ok(0.0);
        }
        logarithms.push(f64::from(now / before).ln());
        direction = next * (STEP / now);
    }
    let late = &logarithms[GROWTH_PERIODS / 2..];
    #[expect(clippy::cast_precision_loss, reason = "a hundred")]
    let mean = late.iter().sum::<f64>() / late.len() as f64;
    Ok(mean.exp())
}

/// One period of a profile for several sequences, `[B, 1, K]`.
fn repeated(profile: &[f32], sequences: usize) -> Array3<f32> {
    Array3::from_shape_fn((sequences, 1, profile.len()), |(_, _, class)| {
        profile[class]
    })
}
