//! Search for attractors: the network run to rest on held profiles from many starts.

use std::iter;

use indicatif::ProgressBar;
use ndarray::Axis;
use rand::RngExt as _;

use super::basins::measure_basins;
use super::fixed_point::{TOLERANCE, attractor_at};
use super::held_profile::HeldProfile;
use super::recurrent_state::{SAME, is_same, one_of};
use super::settling::{MOST_PERIODS, SettledRun, settle};
use crate::generator::{Stream, generator};
use crate::labels::{Wording, label};
use crate::statistics::FinalStep;
use microseg_runtime::{Network, NetworkError, RecurrentState};
use microseg_space::{Attractor, AttractorSearch, AttractorsDocument, GlobalSurrogate, Population};

/// The recurrent states that each held profile is started from: zero, customers', and random ones.
const STARTS: usize = 64;

/// The most customers whose own last profile is held to measure the basins.
const BASIN_CUSTOMERS: usize = 5_000;

/// The network to search, and the population that its attractors are described with.
pub(crate) struct Search<'s> {
    pub(crate) network: &'s dyn Network,
    /// A uniform sample of the customers.
    pub(crate) final_steps: &'s [FinalStep],
    /// For the inverse regression.
    pub(crate) surrogate: &'s GlobalSurrogate,
    pub(crate) population: &'s Population,
    /// The names of the outputs.
    pub(crate) names: &'s [String],
    pub(crate) seed: u64,
}

/// The attractors so far, and the counts of the search.
#[derive(Default)]
struct Found {
    attractors: Vec<Attractor>,
    /// Runs that settled.
    settled: usize,
    /// Settled points that are no attractors.
    repelling: usize,
}

/// Finds the attractors of the held profiles, and the basin of each.
pub(crate) fn search(
    search: &Search<'_>,
    held: &[HeldProfile],
    progress: &ProgressBar,
) -> Result<AttractorsDocument, NetworkError> {
    if held.is_empty() {
        return Ok(not_searched());
    }
    let starts = starts(search.network, search.final_steps, search.seed);
    let customers = search.final_steps.len().min(BASIN_CUSTOMERS);
    let customers = &search.final_steps[..customers];
    progress.set_length(held.len() as u64 + customers.len() as u64);
    let mut found = Found::default();
    for held in held {
        found.add(search, held, &starts)?;
        progress.inc(1);
    }
    let Found {
        mut attractors,
        settled,
        repelling,
    } = found;
    let population = search.population;
    let unsettled_share = measure_basins(
        search.network,
        customers,
        &mut attractors,
        population,
        progress,
    )?;
    attractors.sort_by(|a, b| b.basin.total_cmp(&a.basin));
    name(&mut attractors, population, search.names);
    Ok(AttractorsDocument {
        search: AttractorSearch {
            held_inputs: held.len(),
            starts: STARTS,
            settled,
            most_periods: MOST_PERIODS,
            tolerance: TOLERANCE,
            repelling,
            customers: customers.len() as u64,
            unsettled_share,
        },
        attractors,
    })
}

/// The tables where there is nothing to hold.
fn not_searched() -> AttractorsDocument {
    AttractorsDocument {
        search: AttractorSearch {
            held_inputs: 0,
            starts: 0,
            settled: 0,
            most_periods: MOST_PERIODS,
            tolerance: TOLERANCE,
            repelling: 0,
            customers: 0,
            unsettled_share: 0.0,
        },
        attractors: Vec::new(),
    }
}

impl Found {
    /// Adds the attractors of one held profile.
    fn add(
        &mut self,
        search: &Search<'_>,
        held: &HeldProfile,
        starts: &RecurrentState,
    ) -> Result<(), NetworkError> {
        let profiles = vec![held.profile.as_slice(); STARTS];
        let run = settle(search.network, &profiles, starts.clone())?;
        self.settled += run.settled.iter().filter(|settled| **settled).count();
        for point in distinct_points(&run) {
            let recurrent_state = one_of(&run.recurrent_states, point);
            match attractor_at(search.network, held, &recurrent_state, search.surrogate)? {
                Some(attractor) => self.add_new(attractor),
                None => self.repelling += 1,
            }
        }
        Ok(())
    }

    /// Adds an attractor, unless another profile led to the same place.
    fn add_new(&mut self, attractor: Attractor) {
        let is_known = |known: &Attractor| is_same_place(known, &attractor);
        if !self.attractors.iter().any(is_known) {
            self.attractors.push(attractor);
        }
    }
}

/// The first sequence at each place where sequences settled.
fn distinct_points(run: &SettledRun) -> Vec<usize> {
    let mut points: Vec<usize> = Vec::new();
    for sequence in (0..run.settled.len()).filter(|sequence| run.settled[*sequence]) {
        let is_known = |known: &usize| is_same(&run.recurrent_states, *known, sequence);
        if !points.iter().any(is_known) {
            points.push(sequence);
        }
    }
    points
}

fn is_same_place(one: &Attractor, other: &Attractor) -> bool {
    one.state
        .iter()
        .zip(&other.state)
        .all(|(a, b)| (a - b).abs() < SAME)
}

/// Gives the attractors ids in their order, and labels by their traits.
fn name(attractors: &mut [Attractor], population: &Population, names: &[String]) {
    let traits: Vec<Vec<f64>> = attractors.iter().map(|one| one.traits.clone()).collect();
    let spread = &population.final_outputs;
    let labels = label(&traits, &spread.mean, spread, names, Wording::Absolute);
    for (number, (attractor, label)) in attractors.iter_mut().zip(labels).enumerate() {
        attractor.id = format!("a{}", number + 1);
        attractor.label = label;
    }
}

/// Zero, the recurrent states of some customers, and as many random ones.
fn starts(network: &dyn Network, final_steps: &[FinalStep], seed: u64) -> RecurrentState {
    let mut random = generator(seed, Stream::Starts);
    let mut starts = network.zero_state(STARTS);
    for start in 1..STARTS {
        let customer = final_steps.get(start).filter(|_| start <= STARTS / 2);
        if let Some(customer) = customer {
            starts.set_sequence(start, customer.recurrent_state.numbers());
            continue;
        }
        // A hidden state is within -1..1, a cell is not.
        for (values, widest) in starts
            .values_mut()
            .zip(iter::once(1.0_f32).chain(iter::repeat(3.0)))
        {
            let mut values = values.index_axis_mut(Axis(1), start);
            values.mapv_inplace(|_| random.random_range(-widest..widest));
        }
    }
    starts
}
