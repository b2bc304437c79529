//! Perturbations: the customer's spending with some of its parts changed.

use crate::part::Part;

/// One perturbation: how far each part is moved, and how much it counts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Perturbation {
    /// The parts that are moved, ascending, and how many units each: a part that is taken away is moved by -1.
    pub(super) moves: Vec<(usize, f64)>,
    /// How much it counts, before any kernel; above 0.
    pub(super) weight: f64,
    /// The number of its group: perturbations that were drawn together. Groups follow each other.
    pub(super) group: usize,
    /// Whether the surrogate is tested on it instead of fitted to it, unless the plan is exhaustive.
    pub(super) held_out: bool,
}

/// All perturbations of an explanation, in an order in which the first few stand for the whole.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plan {
    /// The first one moves nothing: it is the customer.
    pub(super) perturbations: Vec<Perturbation>,
    /// Whether these are all there are: once all are sampled nothing is left to chance.
    pub(super) exhaustive: bool,
    /// Whether all are fitted, and none is held out.
    pub(super) whole: bool,
}

/// Every fifth group is kept from the fit, to test it.
const HELD_OUT_EVERY: usize = 5;

impl Plan {
    /// The customer, and then what was drawn: (moves, weight), `size` perturbations in each group.
    pub(super) fn new(
        drawn: impl IntoIterator<Item = (Vec<(usize, f64)>, f64)>,
        size: usize,
        exhaustive: bool,
    ) -> Self {
        let customer = Perturbation {
            moves: Vec::new(),
            weight: 1.0,
            group: 0,
            held_out: false,
        };
        let others = drawn.into_iter().enumerate();
        let others = others.map(|(index, (moves, weight))| {
            let group = 1 + index / size;
            Perturbation {
                moves,
                weight,
                group,
                held_out: group.is_multiple_of(HELD_OUT_EVERY),
            }
        });
        Self {
            perturbations: std::iter::once(customer).chain(others).collect(),
            exhaustive,
            whole: false,
        }
    }

    /// The same with nothing held out.
    pub(super) fn fitted_whole(mut self) -> Self {
        for perturbation in &mut self.perturbations {
            perturbation.held_out = false;
        }
        self.whole = true;
        self
    }
}

impl Perturbation {
    /// The share of the customer's spending, or transactions, that is moved, each part counted by how far.
    pub(super) fn distance(&self, parts: &[Part]) -> f64 {
        let moved = self.moves.iter();
        moved
            .map(|&(part, units)| parts[part].weight * units.abs())
            .sum()
    }
}

/// Parts that are taken away, as moves.
pub(super) fn without(mut parts: Vec<usize>) -> Vec<(usize, f64)> {
    parts.sort_unstable();
    parts.into_iter().map(|part| (part, -1.0)).collect()
}
