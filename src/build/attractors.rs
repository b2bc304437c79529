//! Attractors: where the network itself comes to rest when one profile is held.

use indicatif::ProgressBar;
use ndarray::{Array1, Array2, Array3, ArrayView1, Axis};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::labels::{Wording, label};
use super::surrogate::spectral_radius;
use super::survey::Ending;
use microseg_runtime::{Batch, Network, NetworkError, RecurrentState};
use microseg_space::{
    self as space, self, Attractor, AttractorSearch, AttractorsDocument, GlobalSurrogate,
    Population, distance, nearest,
};

/// Memories that each held input is started from: zero, customers', and random ones.
const STARTS: usize = 64;

/// Customers whose own last profile is held to measure the basins, at most.
const BASIN_CUSTOMERS: usize = 5_000;

/// A run is given up after this many periods.
const MOST_PERIODS: usize = 2_048;

/// Periods between two looks at whether a run has settled.
const BLOCK: usize = 31;

/// A run has settled when no number of its memory moves more than this in a period.
const SETTLED: f32 = 1e-6;

/// The largest ‖f(s) - s‖ of a fixed point.
const TOLERANCE: f64 = 1e-5;

/// Fixed points closer than this in every number are one.
const SAME: f32 = 1e-3;

/// The step of the central differences of the Jacobian: what it cuts off and what 32-bit floats lose are both near 1e-5.
const STEP: f32 = 1.0 / 128.0;

/// Numbers of a memory beyond which no Jacobian is built, whose powers cost their cube: a direction is followed.
const MOST_MEMORY: usize = 512;

/// Periods that a direction is followed for; the second half is measured.
const GROWTH_PERIODS: usize = 200;

/// Sequences that run together.
const BATCH: usize = 256;

/// A profile to hold, and whose it is.
pub(super) struct Held {
    pub(super) name: String,
    /// K shares.
    pub(super) profile: Vec<f32>,
}

/// What the search looks at.
pub(super) struct Search<'s> {
    pub(super) network: &'s dyn Network,
    /// A fair sample of the customers.
    pub(super) endings: &'s [Ending],
    /// For the inverse regression.
    pub(super) surrogate: &'s GlobalSurrogate,
    pub(super) population: &'s Population,
    /// Of the outputs.
    pub(super) names: &'s [String],
    pub(super) seed: u64,
}

/// Finds the attractors of the held profiles, and who is drawn to each.
pub(super) fn search(
    search: &Search<'_>,
    held: Vec<Held>,
    progress: &ProgressBar,
) -> Result<AttractorsDocument, NetworkError> {
    let &Search {
        network,
        endings,
        surrogate,
        population,
        names,
        seed,
    } = search;
    let starts = starts(network, endings, seed);
    let sequences = starts.sequences();
    let mut settled = 0;
    let mut repelling = 0;
    let mut found: Vec<Attractor> = Vec::new();
    progress.set_length(held.len() as u64 + endings.len().min(BASIN_CUSTOMERS) as u64);
    let held_inputs = held.len();
    for held in held {
        let inputs = vec![held.profile.as_slice(); sequences];
        let rest = settle(network, &inputs, starts.clone())?;
        settled += rest.settled.iter().filter(|settled| **settled).count();
        let mut points: Vec<usize> = Vec::new();
        for sequence in (0..sequences).filter(|sequence| rest.settled[*sequence]) {
            if points
                .iter()
                .all(|known| !same(&rest.recurrent_state, *known, sequence))
            {
                points.push(sequence);
            }
        }
        for point in points {
            let state = rest.recurrent_state.part(point..point + 1);
            match verify(network, &held, &state, surrogate)? {
                // Other profiles may lead to the very same place.
                Some(attractor) if found.iter().any(|known| same_place(known, &attractor)) => {}
                Some(attractor) => found.push(attractor),
                None => repelling += 1,
            }
        }
        progress.inc(1);
    }

    let customers = &endings[..endings.len().min(BASIN_CUSTOMERS)];
    let unsettled = measure_basins(network, customers, &mut found, population, progress)?;
    found.sort_by(|a, b| b.basin.total_cmp(&a.basin));
    let traits: Vec<Vec<f64>> = found.iter().map(|one| one.traits.clone()).collect();
    let spread = &population.final_outputs;
    let labels = label(&traits, &spread.mean, spread, names, Wording::Absolute);
    for (number, (attractor, label)) in found.iter_mut().zip(labels).enumerate() {
        attractor.id = format!("a{}", number + 1);
        attractor.label = label;
    }
    Ok(AttractorsDocument {
        search: AttractorSearch {
            held_inputs,
            starts: sequences,
            settled,
            most_periods: MOST_PERIODS,
            tolerance: TOLERANCE,
            repelling,
            customers: customers.len() as u64,
            unsettled_share: unsettled,
        },
        attractors: found,
    })
}

/// Zero, the recurrent states of some customers, and as many random ones.
fn starts(network: &dyn Network, endings: &[Ending], seed: u64) -> RecurrentState {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(2);
    let mut starts = network.zero_state(STARTS);
    for start in 1..STARTS {
        let customer = endings.get(start).filter(|_| start <= STARTS / 2);
        if let Some(customer) = customer {
            starts.set_sequence(start, customer.recurrent_state.numbers());
            continue;
        }
        // A hidden state is within -1..1, a cell is not.
        for (values, widest) in starts.values_mut().zip([1.0_f32, 3.0]) {
            let mut values = values.index_axis_mut(Axis(1), start);
            values.mapv_inplace(|_| random.random_range(-widest..widest));
        }
    }
    starts
}

struct Rest {
    recurrent_state: RecurrentState,
    /// After the last period, `[B, H]`.
    states: Array2<f32>,
    settled: Vec<bool>,
}

/// Holds each sequence's profile until nothing moves any more.
fn settle(
    network: &dyn Network,
    inputs: &[&[f32]],
    start: RecurrentState,
) -> Result<Rest, NetworkError> {
    let classes = network.shape().classes;
    let held = |periods| {
        Array3::from_shape_fn((inputs.len(), periods, classes), |(sequence, _, class)| {
            inputs[sequence][class]
        })
    };
    let (block, single) = (held(BLOCK), held(1));
    let mut recurrent_state = start;
    let mut periods = 0;
    loop {
        let before = network
            .run(&Batch::continued(block.clone(), recurrent_state))?
            .recurrent_state;
        let last = network.run(&Batch::continued(single.clone(), before.clone()))?;
        let states = last.final_states().to_owned();
        recurrent_state = last.recurrent_state;
        periods += BLOCK + 1;
        let settled: Vec<bool> = (0..inputs.len())
            .map(|sequence| largest_move(&before, &recurrent_state, sequence) <= SETTLED)
            .collect();
        if periods >= MOST_PERIODS || settled.iter().all(|settled| *settled) {
            return Ok(Rest {
                recurrent_state,
                states,
                settled,
            });
        }
    }
}

fn largest_move(before: &RecurrentState, after: &RecurrentState, sequence: usize) -> f32 {
    before
        .values()
        .zip(after.values())
        .flat_map(|(before, after)| {
            let before = before.index_axis(Axis(1), sequence).to_owned();
            let after = after.index_axis(Axis(1), sequence).to_owned();
            before.into_iter().zip(after)
        })
        .map(|(before, after)| (after - before).abs())
        .fold(0.0, f32::max)
}

fn same(state: &RecurrentState, one: usize, other: usize) -> bool {
    state.values().all(|part| {
        let (one, other) = (
            part.index_axis(Axis(1), one),
            part.index_axis(Axis(1), other),
        );
        one.iter().zip(other).all(|(a, b)| (a - b).abs() < SAME)
    })
}

fn same_place(one: &Attractor, other: &Attractor) -> bool {
    one.state
        .iter()
        .zip(&other.state)
        .all(|(a, b)| (a - b).abs() < SAME)
}

/// The attractor at a settled recurrent state; `None` when it is not a fixed point to the tolerance, or does not attract.
fn verify(
    network: &dyn Network,
    held: &Held,
    recurrent_state: &RecurrentState,
    surrogate: &GlobalSurrogate,
) -> Result<Option<Attractor>, NetworkError> {
    let profile = ArrayView1::from(held.profile.as_slice());
    let input = profile.insert_axis(Axis(0)).insert_axis(Axis(0)).to_owned();
    let next = network.run(&Batch::continued(input, recurrent_state.clone()))?;
    let moved = flat(&next.recurrent_state) - flat(recurrent_state);
    let residual = moved
        .mapv(f64::from)
        .mapv(|number| number * number)
        .sum()
        .sqrt();
    let spectral_radius = if moved.len() <= MOST_MEMORY {
        spectral_radius(&jacobian(network, &held.profile, recurrent_state)?)
    } else {
        growth(network, &held.profile, recurrent_state)?
    };
    // Where the pull is weak, a small move may have a long way left.
    let rests = residual < TOLERANCE && residual < f64::from(SAME) * (1.0 - spectral_radius);
    if !rests {
        return Ok(None);
    }
    let state = next.states.index_axis(Axis(0), 0).row(0).to_vec();
    let wide: Vec<f64> = state.iter().copied().map(f64::from).collect();
    let rows = |name: &str| -> Vec<Vec<f32>> {
        let part = recurrent_state.get(name);
        let part = part.map(|part| part.index_axis(Axis(1), 0));
        let rows = part.map(|part| part.rows().into_iter().map(|row| row.to_vec()).collect());
        rows.unwrap_or_default()
    };
    Ok(Some(Attractor {
        id: String::new(),
        label: String::new(),
        held: held.name.clone(),
        input: held.profile.clone(),
        memory: space::RecurrentStateDocument {
            h: rows("h"),
            c: rows("c"),
        },
        outputs: next.outputs.index_axis(Axis(0), 0).row(0).to_vec(),
        traits: surrogate.outputs(&wide),
        state,
        residual,
        spectral_radius,
        basin: 0.0,
    }))
}

/// The Jacobian of one period over the whole recurrent state, `[2 L H, 2 L H]`, by central differences.
fn jacobian(
    network: &dyn Network,
    profile: &[f32],
    recurrent_state: &RecurrentState,
) -> Result<Array2<f64>, NetworkError> {
    let place = flat(recurrent_state);
    let size = place.len();
    let mut jacobian = Array2::zeros((size, size));
    let columns: Vec<usize> = (0..size).collect();
    for columns in columns.chunks(BATCH / 2) {
        // For each column one sequence a step ahead, and one a step behind.
        let mut moved = network.zero_state(2 * columns.len());
        for (index, &column) in columns.iter().enumerate() {
            for (sequence, step) in [(2 * index, STEP), (2 * index + 1, -STEP)] {
                let mut numbers = place.clone();
                numbers[column] += step;
                moved.set_sequence(sequence, numbers);
            }
        }
        let inputs =
            Array3::from_shape_fn((2 * columns.len(), 1, profile.len()), |(_, _, class)| {
                profile[class]
            });
        let after = network
            .run(&Batch::continued(inputs, moved))?
            .recurrent_state;
        for (index, &column) in columns.iter().enumerate() {
            let ahead = flat(&after.part(2 * index..2 * index + 1));
            let behind = flat(&after.part(2 * index + 1..2 * index + 2));
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
    recurrent_state: &RecurrentState,
) -> Result<f64, NetworkError> {
    let place = flat(recurrent_state);
    let mut random = ChaCha8Rng::seed_from_u64(0);
    let mut direction: Array1<f32> = place.mapv(|_| random.random_range(-STEP..STEP));
    let mut logarithms = Vec::with_capacity(GROWTH_PERIODS);
    for _ in 0..GROWTH_PERIODS {
        let mut moved = network.zero_state(2);
        moved.set_sequence(0, &place + &direction);
        moved.set_sequence(1, &place - &direction);
        let inputs = Array3::from_shape_fn((2, 1, profile.len()), |(_, _, class)| profile[class]);
        let after = network
            .run(&Batch::continued(inputs, moved))?
            .recurrent_state;
        let next = (flat(&after.part(0..1)) - flat(&after.part(1..2))) / 2.0;
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

/// The numbers of one sequence's recurrent state: the hidden states of all layers, then their cells.
fn flat(state: &RecurrentState) -> Array1<f32> {
    state.numbers().collect()
}

/// Holds each customer's own last profile and counts to which attractor the state comes nearest; gives the part of
/// the customers whose states do not settle.
fn measure_basins(
    network: &dyn Network,
    customers: &[Ending],
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
    let mut drawn = vec![0_u32; attractors.len()];
    let mut unsettled = 0_u32;
    for group in customers.chunks(BATCH) {
        let mut start = network.zero_state(group.len());
        for (sequence, customer) in group.iter().enumerate() {
            start.set_sequence(sequence, customer.recurrent_state.numbers());
        }
        let inputs: Vec<&[f32]> = group.iter().map(|one| one.profile.as_slice()).collect();
        let rest = settle(network, &inputs, start)?;
        for sequence in 0..group.len() {
            if !rest.settled[sequence] {
                unsettled += 1;
                continue;
            }
            let state = place(&mut rest.states.row(sequence).iter().copied());
            let distances = places.iter().map(|attractor| distance(&state, attractor));
            // Nothing settles where there is no attractor.
            if let Some(drawn) = drawn.get_mut(nearest(distances)) {
                *drawn += 1;
            }
        }
        progress.inc(group.len() as u64);
    }
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let all = customers.len().max(1) as f64;
    for (attractor, drawn) in attractors.iter_mut().zip(drawn) {
        attractor.basin = f64::from(drawn) / all;
    }
    Ok(f64::from(unsettled) / all)
}
