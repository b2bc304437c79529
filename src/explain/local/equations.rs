//! Equations of a surrogate: the perturbations that it is fitted to, and the surrogate that their solution gives.
//!
//! The network's number f under moves x of the parts is modelled as `a + Σ cₖ xₖ`, where a part that is taken away is
//! moved by -1. That is the usual presence form, `intercept + Σ cₖ (1 + xₖ)` with `intercept = a - Σ cₖ`.

use nalgebra::DMatrix;

use super::least_squares::{Row, Solution};
use super::perturbation::Perturbation;

/// The perturbations and the network's numbers for them.
pub(super) struct Data<'a> {
    /// The customer first.
    pub(super) perturbations: &'a [Perturbation],
    /// How many parts there are, at least 1.
    pub(super) parts: usize,
    /// The network's numbers, `[perturbations, targets]`.
    pub(super) values: &'a DMatrix<f64>,
    pub(super) form: Form<'a>,
    /// Whether these are all perturbations there are: then all are fitted, and each group tests the fit without it.
    pub(super) exhaustive: bool,
    /// Whether all are fitted in any case, and each group tests the fit without it.
    pub(super) whole: bool,
}

/// What the solve keeps to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Form<'a> {
    /// Nothing: a and all coefficients are free.
    Free,
    /// a is the network's number at the customer, and all coefficients sum to its distance from these, one a target:
    /// the efficiency of Shapley values.
    Efficient(&'a [f64]),
}

/// The perturbations that are fitted, as equations: the same for every weighting.
pub(super) struct Equations {
    pub(super) unknowns: usize,
    /// Which of the perturbations each row is.
    pub(super) fitted: Vec<usize>,
    pub(super) rows: Vec<Row>,
    /// `[rows, targets]`.
    pub(super) responses: DMatrix<f64>,
    /// Where each group of rows begins, in order; rows of one group were drawn together.
    pub(super) groups: Vec<std::ops::Range<usize>>,
}

/// A linear model of one target around the customer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Surrogate {
    /// The model's value at the customer's own spending.
    pub(super) at_customer: f64,
    /// What a move of each part by one unit changes, in the target's unit.
    pub(super) coefficients: Vec<f64>,
}

impl Data<'_> {
    pub(super) fn targets(&self) -> usize {
        self.values.ncols()
    }

    /// Whether the surrogate is tested on a perturbation instead of fitted to it.
    pub(super) fn holds_out(&self, perturbation: &Perturbation) -> bool {
        perturbation.held_out && !self.exhaustive && !self.whole
    }

    pub(super) fn equations(&self) -> Equations {
        let (first, unknowns) = match self.form {
            Form::Free => (0, self.parts + 1),
            // The customer is met exactly: there is nothing to fit.
            Form::Efficient(_) => (1, self.parts - 1),
        };
        let fitted: Vec<usize> = (first..self.perturbations.len())
            .filter(|&index| !self.holds_out(&self.perturbations[index]))
            .collect();
        let group = |&index: &usize| self.perturbations[index].group;
        let mut end = 0;
        let groups = fitted
            .chunk_by(|one, other| group(one) == group(other))
            .map(|rows| {
                let begin = end;
                end += rows.len();
                begin..end
            });
        Equations {
            unknowns,
            groups: groups.collect(),
            rows: fitted
                .iter()
                .map(|&index| self.row(&self.perturbations[index]))
                .collect(),
            responses: DMatrix::from_fn(fitted.len(), self.targets(), |row, target| {
                self.response(fitted[row], target)
            }),
            fitted,
        }
    }

    /// A perturbation as a row of the equations.
    fn row(&self, perturbation: &Perturbation) -> Row {
        let moves = &perturbation.moves;
        match self.form {
            Form::Free => {
                let others = moves.iter().map(|&(part, units)| (part + 1, units));
                std::iter::once((0, 1.0)).chain(others).collect()
            }
            // The last coefficient is the sum less the others, so each of them is subtracted from its column.
            Form::Efficient(_) => {
                let last = self.last_move(perturbation);
                let mut row = vec![-last; self.parts];
                for &(part, units) in moves {
                    row[part] += units;
                }
                row.pop();
                let entries = row.into_iter().enumerate();
                entries.filter(|&(_, entry)| entry != 0.0).collect()
            }
        }
    }

    /// The right-hand side of a perturbation's row.
    fn response(&self, index: usize, target: usize) -> f64 {
        let value = self.values[(index, target)];
        match self.form {
            Form::Free => value,
            Form::Efficient(absent) => {
                let customer = self.values[(0, target)];
                let last = self.last_move(&self.perturbations[index]);
                value - customer - (customer - absent[target]) * last
            }
        }
    }

    fn last_move(&self, perturbation: &Perturbation) -> f64 {
        let last = perturbation.moves.last();
        last.filter(|&&(part, _)| part + 1 == self.parts)
            .map_or(0.0, |&(_, units)| units)
    }

    pub(super) fn surrogates(&self, solution: &Solution) -> Vec<Surrogate> {
        let surrogate = |target: usize| {
            let unknowns = solution.unknowns.column(target);
            match self.form {
                Form::Free => Surrogate {
                    at_customer: unknowns[0],
                    coefficients: unknowns.iter().skip(1).copied().collect(),
                },
                Form::Efficient(absent) => {
                    let at_customer = self.values[(0, target)];
                    let last = at_customer - absent[target] - unknowns.sum();
                    let coefficients = unknowns.iter().copied().chain([last]).collect();
                    Surrogate {
                        at_customer,
                        coefficients,
                    }
                }
            }
        };
        (0..self.targets()).map(surrogate).collect()
    }

    /// The change of each coefficient, one a part, for changes of the unknowns.
    pub(super) fn by_part<'a>(&self, unknowns: &'a [f64]) -> impl Iterator<Item = f64> + use<'a> {
        let (of_parts, last) = match self.form {
            Form::Free => (&unknowns[1..], None),
            Form::Efficient(_) => (unknowns, Some(-unknowns.iter().sum::<f64>())),
        };
        of_parts.iter().copied().chain(last)
    }
}

impl Surrogate {
    /// The model's value for a perturbation.
    pub(super) fn value(&self, perturbation: &Perturbation) -> f64 {
        let moves = perturbation.moves.iter();
        let changes = moves.map(|&(part, units)| self.coefficients[part] * units);
        self.at_customer + changes.sum::<f64>()
    }

    /// The model's value when every part is moved by -1.
    pub(super) fn intercept(&self) -> f64 {
        self.at_customer - self.coefficients.iter().sum::<f64>()
    }
}
