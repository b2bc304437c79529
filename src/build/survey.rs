//! The survey of a population: every customer runs through the network once; sums and samples are kept, nobody else.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ndarray::{Array2, Array3, ArrayView2, Axis};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::BuildError;
use super::moments::Moments;
use super::regression::NormalEquations;
use super::sample::Sample;
use microseg_encoding::{History, Profile};
use microseg_runtime::{Batch, Network, RecurrentState, Trajectories};
use microseg_space::Shape;

/// Sequences that run through the network together, at most.
const BATCH: usize = 256;

/// Numbers that go through the network together, and that wait for company, at most.
const WAITING_NUMBERS: usize = 1 << 24;

/// One of ten customers is kept from every fit.
const HELD_OUT_BLOCK: u64 = 10;

/// Customers whose endings are clustered, at most.
const ENDINGS: usize = 20_000;

/// Held-out customers on whom the surrogate runs freely, at most.
const JOURNEYS: usize = 10_000;

/// Numbers that each sample may hold, at most: half a gigabyte of 32-bit floats.
const SAMPLED_NUMBERS: usize = 1 << 27;

/// Another network whose states are clustered for comparison.
pub(super) struct Comparator {
    pub(super) label: String,
    pub(super) file: PathBuf,
    pub(super) network: Box<dyn Network>,
}

/// Where one customer's journey ends.
pub(super) struct Ending {
    /// The shares of the last period, K numbers.
    pub(super) profile: Vec<f32>,
    /// H numbers.
    pub(super) state: Vec<f32>,
    /// O numbers.
    pub(super) outputs: Vec<f32>,
    /// The recurrent state after the last period, of this one sequence.
    pub(super) recurrent_state: RecurrentState,
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
    network: &'n dyn Network,
    /// The network's file, for errors.
    file: &'n Path,
    comparators: &'n [Comparator],
    /// Customers that wait for company of the same length.
    pending: BTreeMap<usize, Vec<Pending>>,
    customers: u64,
    /// Periods that wait, all together.
    waiting: usize,
    /// Which one of the present block of customers is kept from the fits.
    held_out: u64,
    random: ChaCha8Rng,
    findings: Findings,
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
        network: &'n dyn Network,
        file: &'n Path,
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
            file,
            comparators,
            pending: BTreeMap::new(),
            customers: 0,
            waiting: 0,
            held_out: 0,
            random: random(3),
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
    pub(super) fn add(&mut self, history: &History) -> Result<(), BuildError> {
        let profile = history.totals.profile();
        let periods = profile.shares().nrows();
        let transactions: u64 = history
            .totals
            .periods()
            .map(|(_, sum)| sum.transactions)
            .sum();
        self.findings.transactions += transactions;
        let place = self.customers % HELD_OUT_BLOCK;
        if place == 0 {
            // By chance, not by turns: a file may be in an order.
            self.held_out = self.random.random_range(0..HELD_OUT_BLOCK);
        }
        let held_out = place == self.held_out;
        self.customers += 1;
        let company = self.pending.entry(periods).or_default();
        company.push(Pending { held_out, profile });
        self.waiting += periods;
        if company.len() >= self.batch(periods) {
            return self.run(periods);
        }
        if self.waiting * self.numbers() > WAITING_NUMBERS {
            // Many lengths with a few customers each: the largest company goes first.
            let companies = self.pending.iter();
            let largest = companies.max_by_key(|(periods, company)| *periods * company.len());
            if let Some((&periods, _)) = largest {
                return self.run(periods);
            }
        }
        Ok(())
    }

    /// Numbers of one period.
    fn numbers(&self) -> usize {
        let shape = self.network.shape();
        shape.classes + shape.hidden_size + shape.outputs
    }

    /// How many sequences of a length run together.
    fn batch(&self, periods: usize) -> usize {
        (WAITING_NUMBERS / (periods * self.numbers())).clamp(1, BATCH)
    }

    /// Runs those who still wait, and gives what was found.
    pub(super) fn finish(mut self) -> Result<Findings, BuildError> {
        let lengths: Vec<usize> = self.pending.keys().copied().collect();
        for periods in lengths {
            self.run(periods)?;
        }
        Ok(self.findings)
    }

    /// Runs the company of one length.
    fn run(&mut self, periods: usize) -> Result<(), BuildError> {
        let Some(company) = self.pending.remove(&periods) else {
            return Ok(());
        };
        self.waiting -= periods * company.len();
        let classes = self.network.shape().classes;
        let mut inputs = Array3::zeros((company.len(), periods, classes));
        for (mut row, one) in inputs.outer_iter_mut().zip(&company) {
            row.assign(&one.profile.shares());
        }
        let batch = Batch::new(inputs);
        let fault = |file: &Path, source| BuildError::Network {
            file: file.to_owned(),
            source,
        };
        let found = self.network.run(&batch);
        let found = found.map_err(|source| fault(self.file, source))?;
        let mut compared = Vec::with_capacity(self.comparators.len());
        for comparator in self.comparators {
            let other = comparator.network.run(&batch);
            compared.push(other.map_err(|source| fault(&comparator.file, source))?);
        }
        for (row, one) in company.iter().enumerate() {
            self.findings.record(row, one, &found, &compared);
        }
        self.findings.sum(&company, &found);
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
            recurrent_state: found.recurrent_state.part(row..row + 1),
            compared: compared
                .iter()
                .map(|other| other.final_states().row(row).to_vec())
                .collect(),
        });
    }

    /// Adds a company to the normal equations: those who are fitted to one, those who are held out to the other.
    fn sum(&mut self, company: &[Pending], found: &Trajectories) {
        for held_out in [false, true] {
            let members: Vec<usize> = (0..company.len())
                .filter(|row| company[*row].held_out == held_out)
                .collect();
            if members.is_empty() {
                continue;
            }
            let profiles: Vec<_> = members
                .iter()
                .map(|row| company[*row].profile.shares())
                .collect();
            let states = rows_of(&found.states, &members);
            let outputs = rows_of(&found.outputs, &members);
            let which = usize::from(held_out);
            self.transitions[which].add(
                transition_predictors(&profiles, &states).view(),
                states.view(),
            );
            self.readouts[which].add(beside_ones(&states).view(), outputs.view());
        }
    }
}

/// The periods of some sequences, one after the other, `[members T, N]`.
fn rows_of(numbers: &Array3<f32>, members: &[usize]) -> Array2<f64> {
    let (_, periods, length) = numbers.dim();
    Array2::from_shape_fn((members.len() * periods, length), |(row, column)| {
        f64::from(numbers[[members[row / periods], row % periods, column]])
    })
}

/// `[state before, shares, 1]` for each period of some customers, whose states stand one after the other,
/// `[members T, H + K + 1]`; before the first period the state is zero.
fn transition_predictors(profiles: &[ArrayView2<'_, f32>], states: &Array2<f64>) -> Array2<f64> {
    let (periods, classes) = profiles.first().map_or((1, 0), ArrayView2::dim);
    let hidden_size = states.ncols();
    Array2::from_shape_fn(
        (states.nrows(), hidden_size + classes + 1),
        |(row, column)| {
            if column < hidden_size {
                if row % periods == 0 {
                    0.0
                } else {
                    states[[row - 1, column]]
                }
            } else if column < hidden_size + classes {
                f64::from(profiles[row / periods][[row % periods, column - hidden_size]])
            } else {
                1.0
            }
        },
    )
}

/// The rows with a column of ones after them.
fn beside_ones(rows: &Array2<f64>) -> Array2<f64> {
    Array2::from_shape_fn((rows.nrows(), rows.ncols() + 1), |(row, column)| {
        if column < rows.ncols() {
            rows[[row, column]]
        } else {
            1.0
        }
    })
}
