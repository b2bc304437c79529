//! Statistics of a population: sums over all customers, and bounded samples of them.

use ndarray::{Array2, Array3, ArrayView2, Axis};

use super::generator::{Stream, generator};
use super::input_sample::InputSample;
use super::main_network::MainNetwork;
use super::moments::Moments;
use super::regression::NormalEquations;
use super::sample::Sample;
use microseg_encoding::{Inputs, Profile};
use microseg_model::design;
use microseg_runtime::{RecurrentState, Trajectories};
use microseg_space::Shape;

/// The most customers whose final steps are clustered.
const FINAL_STEPS: usize = 20_000;

/// The most held-out customers for the free-running R² of the surrogate.
const TRAJECTORIES: usize = 10_000;

/// The most numbers of each sample: half a gigabyte of 32-bit floats.
const SAMPLED_NUMBERS: usize = 1 << 27;

/// The steps of a long sequence, where a window of events has no number of them.
const LONG: usize = 4_096;

/// One customer to be run.
pub(super) struct Customer {
    /// Whether the customer is kept from every fit.
    pub(super) held_out: bool,
    /// The shares of its periods, where the network reads something else.
    pub(super) shares: Option<Profile>,
    /// What the network reads.
    pub(super) inputs: Inputs,
}

/// The last period of one customer.
pub(super) struct FinalStep {
    /// The design of the last step, U numbers.
    pub(super) profile: Vec<f32>,
    /// H numbers.
    pub(super) state: Vec<f32>,
    /// O numbers.
    pub(super) outputs: Vec<f32>,
    /// The recurrent state after it, of this one sequence.
    pub(super) recurrent_state: RecurrentState,
    /// Each comparator's last state.
    pub(super) compared: Vec<Vec<f32>>,
}

/// The trajectory of one held-out customer.
pub(super) struct Trajectory {
    /// The design, `[T, U]`.
    pub(super) profile: Array2<f32>,
    /// `[T, H]`
    pub(super) states: Array2<f32>,
    /// `[T, O]`
    pub(super) outputs: Array2<f32>,
}

/// The sums and samples of a population.
pub(super) struct Statistics {
    shape: Shape,
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
    pub(super) final_steps: Sample<FinalStep>,
    /// Of held-out customers.
    pub(super) trajectories: Sample<Trajectory>,
    /// What the network reads, where this is not shares alone.
    pub(super) inputs: Option<InputSample>,
}

impl Statistics {
    /// Empty sums for so many classes, and empty samples as large as the window and `comparators` further states allow.
    pub(super) fn new(main: &MainNetwork, classes: usize, comparators: usize, seed: u64) -> Self {
        let shape = main.shape();
        let window = main.outline.most_steps().unwrap_or(LONG);
        let (hidden_size, outputs) = (shape.hidden_size, shape.outputs);
        let inputs = shape.input_width();
        let transitions = NormalEquations::new(hidden_size + inputs + 1, hidden_size);
        let readouts = NormalEquations::new(hidden_size + 1, outputs);
        let final_step =
            inputs + shape.recurrent_numbers() + (1 + comparators) * hidden_size + outputs;
        let trajectory = window * (inputs + hidden_size + outputs);
        let sample_size = |most: usize, numbers: usize| most.min(SAMPLED_NUMBERS / numbers);
        Self {
            shape: shape.clone(),
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
            final_steps: Sample::new(
                sample_size(FINAL_STEPS, final_step),
                generator(seed, Stream::FinalSteps),
            ),
            trajectories: Sample::new(
                sample_size(TRAJECTORIES, trajectory),
                generator(seed, Stream::Trajectories),
            ),
            inputs: (!main.outline.declaration.is_shares_alone()).then(|| {
                let width = shape.numbers + shape.codes.len();
                InputSample::new(width, generator(seed, Stream::Steps))
            }),
        }
    }

    /// Adds one batch: its customers, the network's trajectories of them, and those of each comparator.
    pub(super) fn add(
        &mut self,
        customers: &[Customer],
        found: &Trajectories,
        compared: &[Trajectories],
    ) {
        let of_customer = |customer: &Customer| design(&customer.inputs, &self.shape);
        let designs: Vec<_> = customers.iter().map(of_customer).collect();
        for (row, (customer, design)) in customers.iter().zip(&designs).enumerate() {
            self.record(row, (customer, design), found, compared);
        }
        self.sum(customers, &designs, found);
    }

    fn record(
        &mut self,
        row: usize,
        (customer, design): (&Customer, &Array2<f32>),
        found: &Trajectories,
        compared: &[Trajectories],
    ) {
        let shares = customer.shares.as_ref().map(Profile::shares);
        let shares = shares.unwrap_or_else(|| customer.inputs.numbers.view());
        let states = found.states.index_axis(Axis(0), row);
        let outputs = found.outputs.index_axis(Axis(0), row);
        self.periods += design.nrows() as u64;
        if let Some(inputs) = &mut self.inputs {
            inputs.offer(&customer.inputs);
        }
        for (moments, rows) in [
            (&mut self.shares, shares),
            (&mut self.states, states),
            (&mut self.outputs, outputs),
        ] {
            for values in rows.rows() {
                moments.add(values.iter().copied().map(f64::from));
            }
        }
        let last = design.nrows() - 1;
        for (moments, values) in [
            (&mut self.final_states, states.row(last)),
            (&mut self.final_outputs, outputs.row(last)),
        ] {
            moments.add(values.iter().copied().map(f64::from));
        }

        if customer.held_out {
            self.held_out += 1;
            self.trajectories.offer(|| Trajectory {
                profile: design.clone(),
                states: states.to_owned(),
                outputs: outputs.to_owned(),
            });
        } else {
            self.fitted += 1;
        }
        self.final_steps.offer(|| FinalStep {
            profile: design.row(last).to_vec(),
            state: states.row(last).to_vec(),
            outputs: outputs.row(last).to_vec(),
            recurrent_state: found.recurrent_state.part(row..row + 1),
            compared: compared
                .iter()
                .map(|other| other.final_states().row(row).to_vec())
                .collect(),
        });
    }

    /// Adds customers to the normal equations: the fitted ones to one, the held-out ones to the other.
    fn sum(&mut self, customers: &[Customer], designs: &[Array2<f32>], found: &Trajectories) {
        for held_out in [false, true] {
            let members: Vec<usize> = (0..customers.len())
                .filter(|row| customers[*row].held_out == held_out)
                .collect();
            if members.is_empty() {
                continue;
            }
            let designs: Vec<_> = members.iter().map(|row| designs[*row].view()).collect();
            let states = rows_of(&found.states, &members);
            let outputs = rows_of(&found.outputs, &members);
            let which = usize::from(held_out);
            self.transitions[which].add(
                transition_predictors(&designs, &states).view(),
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

/// `[state before, shares, 1]` for each period of some customers, one customer after the other, `[members T, H + K + 1]`;
/// before the first period the state is zero.
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
