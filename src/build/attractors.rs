//! Attractors: where the network itself comes to rest when one profile is held.

use indicatif::ProgressBar;
use ndarray::{Array1, Array2, Array3, ArrayView1, Axis, Slice};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::labels::{Wording, label};
use super::surrogate::spectral_radius;
use super::survey::Ending;
use microseg_model::{Batch, Memory, Network, NetworkError};
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
    pub(super) network: &'s Network,
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
    let sequences = starts.hidden.len_of(Axis(1));
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
                .all(|known| !same(&rest.memory, *known, sequence))
            {
                points.push(sequence);
            }
        }
        for point in points {
            let memory = one_of(&rest.memory, point);
            match verify(network, &held, &memory, surrogate)? {
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

/// Zero, the memories of some customers, and as many random ones.
fn starts(network: &Network, endings: &[Ending], seed: u64) -> Memory {
    let shape = network.shape();
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(2);
    let mut starts = zero_memory(shape.layers, STARTS, shape.hidden_size);
    for start in 1..STARTS {
        let customer = endings.get(start).filter(|_| start <= STARTS / 2);
        for (part, (all, widest)) in [(&mut starts.hidden, 1.0_f32), (&mut starts.cell, 3.0)]
            .into_iter()
            .enumerate()
        {
            let mut memory = all.index_axis_mut(Axis(1), start);
            match customer {
                Some(customer) => memory.assign(&customer.memory[part]),
                None => memory.mapv_inplace(|_| random.random_range(-widest..widest)),
            }
        }
    }
    starts
}

fn zero_memory(layers: usize, sequences: usize, hidden_size: usize) -> Memory {
    Memory {
        hidden: Array3::zeros((layers, sequences, hidden_size)),
        cell: Array3::zeros((layers, sequences, hidden_size)),
    }
}

struct Rest {
    memory: Memory,
    /// After the last period, `[B, H]`.
    states: Array2<f32>,
    settled: Vec<bool>,
}

/// Holds each sequence's profile until nothing moves any more.
fn settle(network: &Network, inputs: &[&[f32]], start: Memory) -> Result<Rest, NetworkError> {
    let classes = network.shape().classes;
    let held = |periods| {
        Array3::from_shape_fn((inputs.len(), periods, classes), |(sequence, _, class)| {
            inputs[sequence][class]
        })
    };
    let (block, single) = (held(BLOCK), held(1));
    let mut memory = start;
    let mut periods = 0;
    loop {
        let before = network
            .run(&Batch::continued(block.clone(), memory))?
            .memory;
        let last = network.run(&Batch::continued(single.clone(), before.clone()))?;
        let states = last.final_states().to_owned();
        memory = last.memory;
        periods += BLOCK + 1;
        let settled: Vec<bool> = (0..inputs.len())
            .map(|sequence| largest_move(&before, &memory, sequence) <= SETTLED)
            .collect();
        if periods >= MOST_PERIODS || settled.iter().all(|settled| *settled) {
            return Ok(Rest {
                memory,
                states,
                settled,
            });
        }
    }
}

fn largest_move(before: &Memory, after: &Memory, sequence: usize) -> f32 {
    [(&before.hidden, &after.hidden), (&before.cell, &after.cell)]
        .into_iter()
        .flat_map(|(before, after)| {
            let before = before.index_axis(Axis(1), sequence).to_owned();
            let after = after.index_axis(Axis(1), sequence).to_owned();
            before.into_iter().zip(after)
        })
        .map(|(before, after)| (after - before).abs())
        .fold(0.0, f32::max)
}

fn same(memory: &Memory, one: usize, other: usize) -> bool {
    [&memory.hidden, &memory.cell].into_iter().all(|part| {
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

fn one_of(memory: &Memory, sequence: usize) -> Memory {
    let one = |part: &Array3<f32>| {
        part.slice_axis(Axis(1), Slice::from(sequence..=sequence))
            .to_owned()
    };
    Memory {
        hidden: one(&memory.hidden),
        cell: one(&memory.cell),
    }
}

/// The attractor at a settled memory; `None` when it is not a fixed point to the tolerance, or does not attract.
fn verify(
    network: &Network,
    held: &Held,
    memory: &Memory,
    surrogate: &GlobalSurrogate,
) -> Result<Option<Attractor>, NetworkError> {
    let profile = ArrayView1::from(held.profile.as_slice());
    let input = profile.insert_axis(Axis(0)).insert_axis(Axis(0)).to_owned();
    let next = network.run(&Batch::continued(input, memory.clone()))?;
    let moved = flat(&next.memory) - flat(memory);
    let residual = moved
        .mapv(f64::from)
        .mapv(|number| number * number)
        .sum()
        .sqrt();
    let spectral_radius = if 2 * memory.hidden.len() <= MOST_MEMORY {
        spectral_radius(&jacobian(network, &held.profile, memory)?)
    } else {
        growth(network, &held.profile, memory)?
    };
    // Where the pull is weak, a small move may have a long way left.
    let rests = residual < TOLERANCE && residual < f64::from(SAME) * (1.0 - spectral_radius);
    if !rests {
        return Ok(None);
    }
    let state = next.states.index_axis(Axis(0), 0).row(0).to_vec();
    let wide: Vec<f64> = state.iter().copied().map(f64::from).collect();
    let rows = |part: &Array3<f32>| {
        let part = part.index_axis(Axis(1), 0);
        part.rows().into_iter().map(|row| row.to_vec()).collect()
    };
    Ok(Some(Attractor {
        id: String::new(),
        label: String::new(),
        held: held.name.clone(),
        input: held.profile.clone(),
        memory: space::Memory {
            h: rows(&memory.hidden),
            c: rows(&memory.cell),
        },
        outputs: next.outputs.index_axis(Axis(0), 0).row(0).to_vec(),
        traits: surrogate.outputs(&wide),
        state,
        residual,
        spectral_radius,
        basin: 0.0,
    }))
}

/// The Jacobian of one period over the whole memory, `[2 L H, 2 L H]`, by central differences.
fn jacobian(
    network: &Network,
    profile: &[f32],
    memory: &Memory,
) -> Result<Array2<f64>, NetworkError> {
    let (layers, _, hidden_size) = memory.hidden.dim();
    let half = layers * hidden_size;
    let size = 2 * half;
    let place = flat(memory);
    let mut jacobian = Array2::zeros((size, size));
    let columns: Vec<usize> = (0..size).collect();
    for columns in columns.chunks(BATCH / 2) {
        // For each column one sequence a step ahead, and one a step behind.
        let mut moved = zero_memory(layers, 2 * columns.len(), hidden_size);
        for (index, &column) in columns.iter().enumerate() {
            for (sequence, step) in [(2 * index, STEP), (2 * index + 1, -STEP)] {
                let mut numbers = place.clone();
                numbers[column] += step;
                for (part, all) in [&mut moved.hidden, &mut moved.cell].into_iter().enumerate() {
                    let numbers =
                        numbers.slice_axis(Axis(0), Slice::from(part * half..(part + 1) * half));
                    let mut memory = all.index_axis_mut(Axis(1), sequence);
                    memory
                        .iter_mut()
                        .zip(numbers)
                        .for_each(|(to, from)| *to = *from);
                }
            }
        }
        let inputs =
            Array3::from_shape_fn((2 * columns.len(), 1, profile.len()), |(_, _, class)| {
                profile[class]
            });
        let after = network.run(&Batch::continued(inputs, moved))?.memory;
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
fn growth(network: &Network, profile: &[f32], memory: &Memory) -> Result<f64, NetworkError> {
    let (layers, _, hidden_size) = memory.hidden.dim();
    let place = flat(memory);
    let mut random = ChaCha8Rng::seed_from_u64(0);
    let mut direction: Array1<f32> = place.mapv(|_| random.random_range(-STEP..STEP));
    let mut logarithms = Vec::with_capacity(GROWTH_PERIODS);
    for _ in 0..GROWTH_PERIODS {
        let mut moved = zero_memory(layers, 2, hidden_size);
        for (sequence, numbers) in [&place + &direction, &place - &direction]
            .iter()
            .enumerate()
        {
            let parts = [&mut moved.hidden, &mut moved.cell];
            for (all, numbers) in parts.into_iter().zip(numbers.exact_chunks(place.len() / 2)) {
                let mut memory = all.index_axis_mut(Axis(1), sequence);
                memory
                    .iter_mut()
                    .zip(numbers)
                    .for_each(|(to, from)| *to = *from);
            }
        }
        let inputs = Array3::from_shape_fn((2, 1, profile.len()), |(_, _, class)| profile[class]);
        let after = network.run(&Batch::continued(inputs, moved))?.memory;
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

/// The numbers of one sequence's memory: the hidden states of all layers, then their cells.
fn flat(memory: &Memory) -> Array1<f32> {
    memory.hidden.iter().chain(&memory.cell).copied().collect()
}

/// Holds each customer's own last profile and counts to which attractor the state comes nearest; gives the part of
/// the customers whose states do not settle.
fn measure_basins(
    network: &Network,
    customers: &[Ending],
    attractors: &mut [Attractor],
    population: &Population,
    progress: &ProgressBar,
) -> Result<f64, NetworkError> {
    let shape = network.shape();
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
        let mut memory = zero_memory(shape.layers, group.len(), shape.hidden_size);
        for (sequence, customer) in group.iter().enumerate() {
            memory
                .hidden
                .index_axis_mut(Axis(1), sequence)
                .assign(&customer.memory[0]);
            memory
                .cell
                .index_axis_mut(Axis(1), sequence)
                .assign(&customer.memory[1]);
        }
        let inputs: Vec<&[f32]> = group.iter().map(|one| one.profile.as_slice()).collect();
        let rest = settle(network, &inputs, memory)?;
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
