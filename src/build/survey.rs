//! The survey of a population: every customer runs through the network once; sums and samples are kept, nobody else.

use std::collections::BTreeMap;

use ndarray::{Array2, Array3, ArrayView2, Axis};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use super::moments::Moments;
use super::regression::NormalEquations;
use super::sample::Sample;
use crate::history::{History, Profile};
use crate::model::{Batch, Network, NetworkError, Trajectories};
use crate::space::Shape;

/// Sequences that run through the network together.
const BATCH: usize = 256;

/// Every tenth customer is kept from every fit.
const HELD_OUT_EVERY: u64 = 10;

/// Customers whose endings are clustered, at most.
const ENDINGS: usize = 20_000;

/// Held-out customers on whom the surrogate runs freely, at most.
const JOURNEYS: usize = 10_000;

/// Numbers that each sample may hold, at most: half a gigabyte of 32-bit floats.
const SAMPLED_NUMBERS: usize = 1 << 27;

/// Another network whose states are clustered for comparison.
pub(super) struct Comparator {
    pub(super) label: String,
    pub(super) network: Network,
}

/// Where one customer's journey ends.
pub(super) struct Ending {
    /// The shares of the last period, K numbers.
    pub(super) profile: Vec<f32>,
    /// H numbers.
    pub(super) state: Vec<f32>,
    /// O numbers.
    pub(super) outputs: Vec<f32>,
    /// The memory's hidden state and cell, each `[L, H]`.
    pub(super) memory: [Array2<f32>; 2],
    /// Each comparator's last state.
    pub(super) compared: Vec<Vec<f32>>,
}

/// One held-out customer's whole way.
pub(super) struct Journey {
    /// `[T, K]`
    pub(super) profile: Array2<f32>,
    /// `[T, H]`
    pub(super) states: Array2<f32>,
    /// `[T, O]`
    pub(super) outputs: Array2<f32>,
}

struct Pending {
    held_out: bool,
    profile: Profile,
}

/// What is known of the population so far.
pub(super) struct Survey<'n> {
    network: &'n Network,
    comparators: &'n [Comparator],
    /// Customers that wait for company of the same length.
    pending: BTreeMap<usize, Vec<Pending>>,
    customers: u64,
    pub(super) findings: Findings,
}

/// The sums and samples.
pub(super) struct Findings {
    pub(super) fitted: u64,
    pub(super) held_out: u64,
    pub(super) periods: u64,
    pub(super) transactions: u64,
    pub(super) shares: Moments,
    pub(super) states: Moments,
    pub(super) final_states: Moments,
    pub(super) outputs: Moments,
    pub(super) final_outputs: Moments,
    /// From (state before, shares, 1) to the state: of the fitted and of the held-out customers.
    pub(super) transitions: [NormalEquations; 2],
    /// From (state, 1) to the outputs.
    pub(super) readouts: [NormalEquations; 2],
    pub(super) endings: Sample<Ending>,
    pub(super) journeys: Sample<Journey>,
}

impl<'n> Survey<'n> {
    pub(super) fn new(
        network: &'n Network,
        comparators: &'n [Comparator],
        window: usize,
        seed: u64,
    ) -> Self {
        let Shape {
            classes,
            layers,
            hidden_size,
            outputs,
        } = network.shape();
        let random = |stream| {
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            random.set_stream(stream);
            random
        };
        let transitions = NormalEquations::new(hidden_size + classes + 1, hidden_size);
        let readouts = NormalEquations::new(hidden_size + 1, outputs);
        let ending = classes + (2 * layers + 1 + comparators.len()) * hidden_size + outputs;
        let journey = window * (classes + hidden_size + outputs);
        Self {
            network,
            comparators,
            pending: BTreeMap::new(),
            customers: 0,
            findings: Findings {
                fitted: 0,
                held_out: 0,
                periods: 0,
                transactions: 0,
                shares: Moments::new(classes),
                states: Moments::new(hidden_size),
                final_states: Moments::new(hidden_size),
                outputs: Moments::new(outputs),
                final_outputs: Moments::new(outputs),
                transitions: [transitions.clone(), transitions],
                readouts: [readouts.clone(), readouts],
                endings: Sample::new(ENDINGS.min(SAMPLED_NUMBERS / ending), random(0)),
                journeys: Sample::new(JOURNEYS.min(SAMPLED_NUMBERS / journey), random(1)),
            },
        }
    }

    /// Takes one customer in.
    pub(super) fn add(&mut self, history: &History) -> Result<(), NetworkError> {
        let profile = history.totals.profile();
        let periods = profile.shares().nrows();
        let transactions: u64 = history
            .totals
            .periods()
            .map(|(_, sum)| sum.transactions)
            .sum();
        self.findings.transactions += transactions;
        let held_out = self.customers % HELD_OUT_EVERY == HELD_OUT_EVERY - 1;
        self.customers += 1;
        let company = self.pending.entry(periods).or_default();
        company.push(Pending { held_out, profile });
        if company.len() < BATCH {
            return Ok(());
        }
        let company = std::mem::take(company);
        self.run(&company)
    }

    /// Runs those who still wait, and gives what was found.
    pub(super) fn finish(mut self) -> Result<Findings, NetworkError> {
        for company in std::mem::take(&mut self.pending).into_values() {
            if !company.is_empty() {
                self.run(&company)?;
            }
        }
        Ok(self.findings)
    }

    fn run(&mut self, company: &[Pending]) -> Result<(), NetworkError> {
        let periods = company[0].profile.shares().nrows();
        let classes = self.network.shape().classes;
        let mut inputs = Array3::zeros((company.len(), periods, classes));
        for (mut row, one) in inputs.outer_iter_mut().zip(company) {
            row.assign(&one.profile.shares());
        }
        let batch = Batch::new(inputs);
        let found = self.network.run(&batch)?;
        let mut compared = Vec::with_capacity(self.comparators.len());
        for comparator in self.comparators {
            compared.push(comparator.network.run(&batch)?);
        }
        for (row, one) in company.iter().enumerate() {
            self.findings.record(row, one, &found, &compared);
        }
        Ok(())
    }
}

impl Findings {
    fn record(
        &mut self,
        row: usize,
        one: &Pending,
        found: &Trajectories,
        compared: &[Trajectories],
    ) {
        let shares = one.profile.shares();
        let states = found.states.index_axis(Axis(0), row);
        let outputs = found.outputs.index_axis(Axis(0), row);
        self.periods += shares.nrows() as u64;
        for (moments, rows) in [
            (&mut self.shares, shares),
            (&mut self.states, states),
            (&mut self.outputs, outputs),
        ] {
            for values in rows.rows() {
                moments.add(values.iter().copied().map(f64::from));
            }
        }
        let last = shares.nrows() - 1;
        for (moments, values) in [
            (&mut self.final_states, states.row(last)),
            (&mut self.final_outputs, outputs.row(last)),
        ] {
            moments.add(values.iter().copied().map(f64::from));
        }

        let which = usize::from(one.held_out);
        let wide = states.mapv(f64::from);
        self.transitions[which].add(transition_predictors(shares, states).view(), wide.view());
        let with_one = beside_ones(wide.view());
        self.readouts[which].add(with_one.view(), outputs.mapv(f64::from).view());

        if one.held_out {
            self.held_out += 1;
            self.journeys.offer(|| Journey {
                profile: shares.to_owned(),
                states: states.to_owned(),
                outputs: outputs.to_owned(),
            });
        } else {
            self.fitted += 1;
        }
        self.endings.offer(|| Ending {
            profile: shares.row(last).to_vec(),
            state: states.row(last).to_vec(),
            outputs: outputs.row(last).to_vec(),
            memory: [&found.memory.hidden, &found.memory.cell]
                .map(|part| part.index_axis(Axis(1), row).to_owned()),
            compared: compared
                .iter()
                .map(|other| other.final_states().row(row).to_vec())
                .collect(),
        });
    }
}

/// `[state before, shares, 1]` for each period, `[T, H + K + 1]`; before the first period the state is zero.
fn transition_predictors(shares: ArrayView2<'_, f32>, states: ArrayView2<'_, f32>) -> Array2<f64> {
    let (periods, classes) = shares.dim();
    let hidden_size = states.ncols();
    Array2::from_shape_fn((periods, hidden_size + classes + 1), |(period, column)| {
        if column < hidden_size {
            let before = period.checked_sub(1);
            before.map_or(0.0, |before| f64::from(states[[before, column]]))
        } else if column < hidden_size + classes {
            f64::from(shares[[period, column - hidden_size]])
        } else {
            1.0
        }
    })
}

/// The rows with a column of ones after them.
fn beside_ones(rows: ArrayView2<'_, f64>) -> Array2<f64> {
    Array2::from_shape_fn((rows.nrows(), rows.ncols() + 1), |(row, column)| {
        if column < rows.ncols() {
            rows[[row, column]]
        } else {
            1.0
        }
    })
}
