//! Tables of a small network for tests: three classes, one layer, two dimensions, one output.

use super::attractors::{Attractor, AttractorSearch, AttractorsDocument, RecurrentStateDocument};
use super::population::{Population, Spread};
use super::segments::{Segment, SegmentsDocument, Selection};
use super::shape::Shape;
use super::surrogate::{
    OutputFidelity, Recovery, StateFidelity, SurrogateCustomers, SurrogateDocument,
    SurrogateFidelity,
};

/// Its sizes.
#[must_use]
pub fn shape() -> Shape {
    Shape::lstm(3, 1, 2, 1)
}

/// The last states spread twice as far along the first dimension as along the second.
#[must_use]
pub fn population() -> Population {
    let spread = |mean: &[f64], deviation: &[f64]| Spread {
        mean: mean.to_vec(),
        deviation: deviation.to_vec(),
    };
    Population {
        customers: 100,
        periods: 550,
        transactions: 90_000,
        shares: spread(&[0.5, 0.3, 0.2], &[0.2, 0.2, 0.1]),
        states: spread(&[0.1, 0.0], &[0.3, 0.2]),
        final_states: spread(&[0.1, -0.1], &[0.4, 0.2]),
        outputs: spread(&[0.5], &[0.2]),
        final_outputs: spread(&[0.6], &[0.25]),
        inputs: None,
    }
}

/// Two groups, of which the first has two parts: the leaves are 1.1, 1.2 and 2.
#[must_use]
pub fn segments() -> SegmentsDocument {
    let segment = |id: &str, center: [f64; 2], split_stability| Segment {
        id: id.to_owned(),
        label: format!("group {id}"),
        share: 0.25,
        center: center.to_vec(),
        traits: vec![0.5],
        split_stability,
        shares: None,
    };
    SegmentsDocument {
        customers: 100,
        selection: Selection {
            method: "by hand".to_owned(),
            parts: [2, 8],
            levels: 3,
            least_share: 0.1,
            resamples: 20,
            least_stability: 0.8,
        },
        stability: 0.9,
        first_split_stability: Some(0.95),
        segments: vec![
            segment("1", [0.5, 0.0], Some(0.85)),
            segment("1.1", [0.5, 0.1], None),
            segment("1.2", [0.5, -0.1], None),
            segment("2", [-0.5, 0.0], None),
        ],
        comparison: Vec::new(),
    }
}

/// One attractor to the right, one to the left.
#[must_use]
pub fn attractors() -> AttractorsDocument {
    let attractor = |id: &str, state: [f32; 2]| Attractor {
        id: id.to_owned(),
        label: format!("attractor {id}"),
        held: "population".to_owned(),
        input: vec![0.5, 0.5, 0.0],
        memory: RecurrentStateDocument(
            [
                ("h".to_owned(), vec![state.to_vec()]),
                ("c".to_owned(), vec![vec![0.0, 0.0]]),
            ]
            .into(),
        ),
        state: state.to_vec(),
        outputs: vec![0.5],
        traits: vec![0.5],
        residual: 1e-9,
        spectral_radius: 0.6,
        basin: 0.5,
    };
    AttractorsDocument {
        search: AttractorSearch {
            held_inputs: 4,
            starts: 8,
            settled: 32,
            most_periods: 1_000,
            tolerance: 1e-6,
            repelling: 0,
            customers: 100,
            unsettled_share: 0.0,
        },
        attractors: vec![attractor("a1", [0.9, 0.1]), attractor("a2", [-0.3, 0.1])],
    }
}

/// A surrogate whose two dimensions act on each other.
#[must_use]
pub fn surrogate() -> SurrogateDocument {
    SurrogateDocument {
        a: vec![vec![0.5, 0.2], vec![-0.1, 0.4]],
        b: vec![vec![1.0, -0.5, 0.25], vec![0.0, 0.75, -1.0]],
        c: vec![0.1, -0.2],
        d: vec![vec![2.0, -1.0]],
        e: vec![0.3],
        spectral_radius: 0.5,
        customers: SurrogateCustomers {
            fitted: 90,
            held_out: 10,
            free_running: 10,
        },
        fidelity: SurrogateFidelity {
            states: vec![
                StateFidelity {
                    one_step: 0.97,
                    free_running: 0.95,
                    without_memory: 0.8,
                    one_step_fit: 0.98,
                };
                2
            ],
            outputs: vec![OutputFidelity {
                from_state: 0.96,
                free_running: 0.94,
                from_state_fit: 0.97,
            }],
        },
        recovery: Recovery::default(),
    }
}
