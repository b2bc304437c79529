//! The global surrogate from the survey's sums: A, B, c by least squares, D and e by inverse regression.

use nalgebra::DMatrix;
use ndarray::{Array2, Axis, Slice};

use super::regression::r_squared;
use super::survey::{Findings, Journey};
use microseg_space::{
    GlobalSurrogate, OutputFidelity, Recovery, Shape, SpaceError, StateFidelity,
    SurrogateCustomers, SurrogateDocument, SurrogateFidelity,
};

/// How often a matrix is squared for its spectral radius.
const SQUARINGS: usize = 30;

/// Fits the surrogate on the fitted customers and judges it on the held-out ones.
pub(super) fn fit(
    findings: &Findings,
    journeys: &[Journey],
    shape: Shape,
) -> Result<SurrogateDocument, SpaceError> {
    let Shape {
        classes,
        hidden_size,
        outputs,
        ..
    } = shape;
    let predictors = hidden_size + classes + 1;
    let [fitted, held_out] = &findings.transitions;
    let everything: Vec<usize> = (0..predictors).collect();
    let with_memory = fitted.solve(&everything);
    let without_memory = fitted.solve(&everything[hidden_size..]);
    let [fitted_readout, held_out_readout] = &findings.readouts;
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
            fitted: findings.fitted,
            held_out: findings.held_out,
            free_running: journeys.len() as u64,
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

    let (states, outputs) = free_running(&document, journeys, shape)?;
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
    journeys: &[Journey],
    shape: Shape,
) -> Result<(Vec<f64>, Vec<f64>), SpaceError> {
    let surrogate = GlobalSurrogate::new(document.clone(), shape)?;
    let mut states = Agreement::new(shape.hidden_size);
    let mut outputs = Agreement::new(shape.outputs);
    for journey in journeys {
        let run = surrogate.run(journey.profile.view());
        for (period, state) in run.rows().into_iter().enumerate() {
            let state = state.to_vec();
            let given = surrogate.outputs(&state);
            states.add(journey.states.row(period).iter().copied(), &state);
            outputs.add(journey.outputs.row(period).iter().copied(), &given);
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

/// The largest absolute eigenvalue of a square matrix, by Gelfand's formula: `ρ = lim ‖Mⁿ‖^(1/n)`, n = 2^30.
///
/// An eigenvalue routine may not come to an end (a cyclic permutation keeps QR turning); squaring always does.
pub(super) fn spectral_radius(matrix: &Array2<f64>) -> f64 {
    let size = matrix.nrows();
    let mut power = DMatrix::from_fn(size, size, |row, column| matrix[[row, column]]);
    let mut logarithm = 0.0;
    let mut exponent = 1.0;
    for _ in 0..=SQUARINGS {
        let norm = power.norm();
        if !norm.is_finite() {
            return f64::INFINITY;
        }
        if norm <= 0.0 {
            return 0.0;
        }
        logarithm += norm.ln() * exponent;
        power /= norm;
        power = &power * &power;
        exponent /= 2.0;
    }
    logarithm.exp()
}

/// Some rows of a matrix, as columns.
fn transposed(matrix: &Array2<f64>, range: impl Into<Slice>) -> Array2<f64> {
    matrix.slice_axis(Axis(0), range.into()).t().to_owned()
}

fn rows(matrix: &Array2<f64>) -> Vec<Vec<f64>> {
    matrix.axis_iter(Axis(0)).map(|row| row.to_vec()).collect()
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn the_spectral_radius_of_matrices_that_are_known() {
        for (matrix, expected) in [
            (array![[0.5, 0.0], [0.0, -0.8]], 0.8),
            (array![[0.0, -0.9], [0.9, 0.0]], 0.9),
            (array![[0.7, 5.0], [0.0, 0.7]], 0.7),
            (array![[0.0, 1.0], [0.0, 0.0]], 0.0),
        ] {
            let found = spectral_radius(&matrix);
            assert!((found - expected).abs() < 1e-6, "{found} {expected}");
        }
        let cycle = array![[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]];
        assert!((spectral_radius(&cycle) - 1.0).abs() < 1e-6);
    }
}
