//! Fit of the global surrogate to the population's sums: A, B, c by least squares, D and e by inverse regression.

use ndarray::{Array2, Axis, Slice};

use super::regression::r_squared;
use super::spectral_radius::spectral_radius;
use super::statistics::{Statistics, Trajectory};
use microseg_space::{
    GlobalSurrogate, OutputFidelity, Recovery, Shape, SpaceError, StateFidelity,
    SurrogateCustomers, SurrogateDocument, SurrogateFidelity,
};

/// Fits the surrogate to the fitted customers and tests it on the held-out ones.
pub(super) fn fit(
    statistics: &Statistics,
    trajectories: &[Trajectory],
    shape: &Shape,
) -> Result<SurrogateDocument, SpaceError> {
    let (hidden_size, outputs) = (shape.hidden_size, shape.outputs);
    let predictors = hidden_size + shape.input_width() + 1;
    let [fitted, held_out] = &statistics.transitions;
    let everything: Vec<usize> = (0..predictors).collect();
    let with_memory = fitted.solve(&everything);
    let without_memory = fitted.solve(&everything[hidden_size..]);
    let [fitted_readout, held_out_readout] = &statistics.readouts;
    let readout = fitted_readout.solve(&(0..=hidden_size).collect::<Vec<_>>());

    let [one_step, without, one_step_fit] = [
        held_out.r2(&with_memory),
        held_out.r2(&without_memory),
        fitted.r2(&with_memory),
    ];
    let [from_state, from_state_fit] = [held_out_readout.r2(&readout), fitted_readout.r2(&readout)];
    let a = transposed(&with_memory, ..hidden_size);
    let mut document = SurrogateDocument {
        spectral_radius: spectral_radius(&a),
        a: rows(&a),
        b: rows(&transposed(&with_memory, hidden_size..predictors - 1)),
        c: with_memory.row(predictors - 1).to_vec(),
        d: rows(&transposed(&readout, ..hidden_size)),
        e: readout.row(hidden_size).to_vec(),
        customers: SurrogateCustomers {
            fitted: statistics.fitted,
            held_out: statistics.held_out,
            free_running: trajectories.len() as u64,
        },
        fidelity: SurrogateFidelity {
            states: (0..hidden_size)
                .map(|dimension| StateFidelity {
                    one_step: one_step[dimension],
                    free_running: 0.0,
                    without_memory: without[dimension],
                    one_step_fit: one_step_fit[dimension],
                })
                .collect(),
            outputs: (0..outputs)
                .map(|output| OutputFidelity {
                    from_state: from_state[output],
                    free_running: 0.0,
                    from_state_fit: from_state_fit[output],
                })
                .collect(),
        },
        recovery: Recovery::default(),
    };

    let (states, outputs) = free_running(&document, trajectories, shape)?;
    for (fidelity, r2) in document.fidelity.states.iter_mut().zip(states) {
        fidelity.free_running = r2;
    }
    for (fidelity, r2) in document.fidelity.outputs.iter_mut().zip(outputs) {
        fidelity.free_running = r2;
    }
    Ok(document)
}

/// R² of states and outputs when the surrogate goes on from its own states.
fn free_running(
    document: &SurrogateDocument,
    trajectories: &[Trajectory],
    shape: &Shape,
) -> Result<(Vec<f64>, Vec<f64>), SpaceError> {
    let surrogate = GlobalSurrogate::new(document.clone(), shape)?;
    let mut states = Agreement::new(shape.hidden_size);
    let mut outputs = Agreement::new(shape.outputs);
    for trajectory in trajectories {
        let run = surrogate.run(trajectory.profile.view());
        for (period, state) in run.rows().into_iter().enumerate() {
            let state = state.to_vec();
            let given = surrogate.outputs(&state);
            states.add(trajectory.states.row(period).iter().copied(), &state);
            outputs.add(trajectory.outputs.row(period).iter().copied(), &given);
        }
    }
    Ok((states.r2(), outputs.r2()))
}

/// Sums for R² of several numbers.
struct Agreement {
    rows: f64,
    sums: Vec<f64>,
    squares: Vec<f64>,
    errors: Vec<f64>,
}

impl Agreement {
    fn new(length: usize) -> Self {
        Self {
            rows: 0.0,
            sums: vec![0.0; length],
            squares: vec![0.0; length],
            errors: vec![0.0; length],
        }
    }

    fn add(&mut self, network: impl Iterator<Item = f32>, surrogate: &[f64]) {
        self.rows += 1.0;
        for (index, (truth, given)) in network.map(f64::from).zip(surrogate).enumerate() {
            self.sums[index] += truth;
            self.squares[index] += truth * truth;
            self.errors[index] += (truth - given).powi(2);
        }
    }

    fn r2(&self) -> Vec<f64> {
        let sums = self.sums.iter().zip(&self.squares).zip(&self.errors);
        sums.map(|((sum, square), errors)| {
            r_squared(*errors, square - sum * sum / self.rows.max(1.0), *square)
        })
        .collect()
    }
}

/// Some rows of a matrix, as columns.
fn transposed(matrix: &Array2<f64>, range: impl Into<Slice>) -> Array2<f64> {
    matrix.slice_axis(Axis(0), range.into()).t().to_owned()
}

fn rows(matrix: &Array2<f64>) -> Vec<Vec<f64>> {
    matrix.axis_iter(Axis(0)).map(|row| row.to_vec()).collect()
}
