//! The fit: one weighted solve for all local methods, and its measures of agreement and uncertainty.

use nalgebra::DMatrix;

use super::equations::{Data, Equations, Surrogate};
use super::least_squares::NormalEquations;
use super::left_out::Fitted;
use super::strata::Strata;
use super::uncertainty::{BLOCKS, Uncertainty};
use crate::fidelity::{Observation, agreement, agreement_error, is_rounding};
use crate::stability::Stability;

/// The fewest perturbations of a test: an R² on fewer is not informative.
const LEAST_HELD_OUT: usize = 5;

/// The surrogates of all targets, from one factorization.
pub(super) struct Fit<'a> {
    data: &'a Data<'a>,
    equations: &'a Equations,
    /// One a perturbation.
    weights: Vec<f64>,
    pub(super) surrogates: Vec<Surrogate>,
    /// The number added to the diagonal of the normal equations.
    pub(super) ridge: f64,
    /// (XᵀWX)⁻¹ x for each fitted row, `[unknowns, rows]`.
    influence: DMatrix<f64>,
    /// The error of each fitted row, `[rows, targets]`.
    pub(super) errors: DMatrix<f64>,
    /// The error of each row in the fit without its group; `None` where the fit rests on the group alone.
    pub(super) left_out: Vec<Option<Vec<f64>>>,
}

impl<'a> Fit<'a> {
    /// Fits one surrogate a target to the perturbations that are not held out. `weights` has one for each perturbation,
    /// held out or not.
    pub(super) fn new(data: &'a Data<'a>, equations: &'a Equations, weights: Vec<f64>) -> Self {
        let (unknowns, targets) = (equations.unknowns, data.targets());
        let mut normal = NormalEquations::new(unknowns, targets);
        for (row, &index) in equations.fitted.iter().enumerate() {
            let right = equations.responses.row(row);
            let right = right.iter().copied();
            normal.add_row(&equations.rows[row], weights[index], right);
        }
        let solution = normal.solve();
        let errors = DMatrix::from_fn(equations.rows.len(), targets, |row, target| {
            equations.responses[(row, target)] - solution.fitted(&equations.rows[row], target)
        });
        let mut fit = Self {
            surrogates: data.surrogates(&solution),
            ridge: solution.ridge,
            influence: solution.influence(&equations.rows),
            data,
            equations,
            weights,
            errors,
            left_out: Vec::new(),
        };
        let weights = equations.fitted.iter().map(|&index| fit.weights[index]);
        let weights: Vec<f64> = weights.collect();
        let fitted = Fitted {
            rows: &equations.rows,
            weights: &weights,
            influence: &fit.influence,
            errors: &fit.errors,
        };
        fit.left_out = fitted.left_out(&equations.groups);
        fit
    }

    /// R² and weighted error of a target on the perturbations that were fitted.
    pub(super) fn fitted_agreement(&self, target: usize) -> Option<(f64, f64)> {
        let rows = 0..self.equations.rows.len();
        agreement(rows.map(|row| self.observation(row, target, self.errors[(row, target)])))
    }

    /// The same where each row is predicted by the fit to all other groups; `None` with too few such rows.
    pub(super) fn left_out_agreement(&self, target: usize) -> Option<(f64, f64)> {
        let rows = self.left_out.iter().enumerate();
        let observations = rows.filter_map(|(row, misses)| {
            Some(self.observation(row, target, misses.as_ref()?[target]))
        });
        let tested = observations.clone().count() >= LEAST_HELD_OUT;
        agreement(observations).filter(|_| tested)
    }

    fn observation(&self, row: usize, target: usize, miss: f64) -> Observation {
        let index = self.equations.fitted[row];
        let value = self.data.values[(index, target)];
        Observation {
            weight: self.weights[index],
            value,
            fitted: value - miss,
        }
    }

    /// R² and weighted error where a target's surrogate was not fitted; `None` with too few perturbations for a test.
    pub(super) fn held_out_agreement(&self, target: usize) -> Option<(f64, f64)> {
        if self.data.whole {
            return self.left_out_agreement(target);
        }
        if self.data.exhaustive {
            let tested = self
                .freedom()
                .is_some_and(|freedom| freedom >= LEAST_HELD_OUT);
            return self.left_out_agreement(target).filter(|_| tested);
        }
        let surrogate = &self.surrogates[target];
        let tested = self.held_out().count() >= LEAST_HELD_OUT;
        let observations = self.held_out().map(|index| Observation {
            weight: self.weights[index],
            value: self.data.values[(index, target)],
            fitted: surrogate.value(&self.data.perturbations[index]),
        });
        agreement(observations).filter(|_| tested)
    }

    /// The standard error of a target's R² where its surrogate was not fitted, over the drawing of what tested it.
    pub(super) fn held_out_error(&self, target: usize) -> Option<f64> {
        if self.data.whole || self.data.exhaustive {
            let rows = self.left_out.iter().enumerate();
            let observations = rows.filter_map(|(row, misses)| {
                Some(self.observation(row, target, misses.as_ref()?[target]))
            });
            return agreement_error(observations);
        }
        let surrogate = &self.surrogates[target];
        agreement_error(self.held_out().map(|index| Observation {
            weight: self.weights[index],
            value: self.data.values[(index, target)],
            fitted: surrogate.value(&self.data.perturbations[index]),
        }))
    }

    /// Whether all perturbations there are were fitted.
    pub(super) fn is_exhaustive(&self) -> bool {
        self.data.exhaustive
    }

    /// How many parts there are.
    pub(super) fn parts(&self) -> usize {
        self.data.parts
    }

    /// How many rows were fitted.
    pub(super) fn rows(&self) -> usize {
        self.equations.rows.len()
    }

    /// How many parts a row leaves, and its weight.
    pub(super) fn coalition(&self, row: usize) -> (usize, f64) {
        let index = self.equations.fitted[row];
        let removed = self.data.perturbations[index].moves.len();
        (self.data.parts - removed, self.weights[index])
    }

    /// The network's number of a row.
    pub(super) fn value(&self, row: usize, target: usize) -> f64 {
        self.data.values[(self.equations.fitted[row], target)]
    }

    /// The error of a row: in the fit when all there is was taken, else in the fit without its group.
    pub(super) fn test_error(&self, row: usize, target: usize) -> Option<f64> {
        if self.data.exhaustive {
            return Some(self.errors[(row, target)]);
        }
        self.left_out[row].as_ref().map(|misses| misses[target])
    }

    fn held_out(&self) -> impl Iterator<Item = usize> + Clone {
        let perturbations = self.data.perturbations.iter().enumerate();
        perturbations
            .filter(|(_, one)| self.data.holds_out(one))
            .map(|(index, _)| index)
    }

    /// The weight of the perturbations that test a surrogate, summed for each part that they move.
    pub(super) fn tested_weights(&self) -> Vec<f64> {
        let mut weights = vec![0.0; self.data.parts];
        for (perturbation, weight) in self.data.perturbations.iter().zip(&self.weights) {
            if self.data.exhaustive || perturbation.held_out {
                for &(part, _) in &perturbation.moves {
                    weights[part] += weight;
                }
            }
        }
        weights
    }

    /// The effective number of fitted perturbations: (Σw)² / Σw² (Kish); `None` when nothing had to be fitted.
    pub(super) fn effective_samples(&self) -> Option<f64> {
        let weights = self
            .equations
            .fitted
            .iter()
            .map(|&index| self.weights[index]);
        let squares: f64 = weights.clone().map(|weight| weight * weight).sum();
        (squares > 0.0).then(|| weights.sum::<f64>().powi(2) / squares)
    }

    /// How many more groups were fitted than there are unknowns: groups, not rows, were drawn independently.
    fn freedom(&self) -> Option<usize> {
        let freedom = self
            .equations
            .groups
            .len()
            .checked_sub(self.equations.unknowns);
        freedom.filter(|&freedom| freedom > 0)
    }

    /// How far another draw of perturbations could lead, one a target; `None` with no more groups than unknowns, or when
    /// they left coefficients undetermined. An exhaustive plan has no uncertainty.
    ///
    /// With u = Σ w e l over a group's rows and l the row's influence, the covariance of the unknowns is
    /// g / (g - p) Σ u uᵀ over g groups for p unknowns: that of MacKinnon & White 1985 (HC1), clustered by what was drawn
    /// together.
    #[expect(clippy::cast_precision_loss, reason = "counts of perturbations")]
    pub(super) fn uncertainty(&self) -> Option<Vec<Uncertainty>> {
        let targets = 0..self.data.targets();
        if self.data.exhaustive {
            return Some(
                targets
                    .map(|_| Uncertainty::none(self.data.parts))
                    .collect(),
            );
        }
        let freedom = self.freedom().filter(|_| self.is_determined())?;
        let factor = (self.equations.groups.len() as f64 / freedom as f64).sqrt();
        let of_target = |target: usize| {
            let mut squares = vec![0.0; self.data.parts];
            let mut blocks = vec![vec![0.0; self.data.parts]; BLOCKS];
            for (group, pull) in self.pulls(target).iter().enumerate() {
                let sums = squares.iter_mut().zip(&mut blocks[group % BLOCKS]);
                for ((square, sum), change) in sums.zip(self.data.by_part(pull)) {
                    *square += change * change;
                    *sum += change;
                }
            }
            for sum in blocks.iter_mut().flatten() {
                *sum *= factor;
            }
            Uncertainty::new(factor, squares, blocks)
        };
        Some(targets.map(of_target).collect())
    }

    /// The influence of each group's errors on the unknowns; of coalitions what is left to chance of it.
    fn pulls(&self, target: usize) -> Vec<Vec<f64>> {
        let groups = self.equations.groups.iter();
        let pull = |rows: &std::ops::Range<usize>| {
            let mut pull = vec![0.0; self.equations.unknowns];
            self.pull(rows.clone(), target, &mut pull);
            pull
        };
        let mut pulls: Vec<Vec<f64>> = groups.clone().map(pull).collect();
        if self.data.whole {
            let first = |rows: &std::ops::Range<usize>| self.equations.fitted[rows.start];
            let firsts = groups.map(|rows| &self.data.perturbations[first(rows)]);
            let strata = Strata::new(self.data.perturbations, self.data.parts);
            strata.center(&firsts.collect::<Vec<_>>(), &mut pulls);
        }
        pulls
    }

    /// The influence of a group's errors on the unknowns.
    fn pull(&self, rows: std::ops::Range<usize>, target: usize, pull: &mut [f64]) {
        pull.fill(0.0);
        for row in rows {
            let error = self.weights[self.equations.fitted[row]] * self.errors[(row, target)];
            for (pull, influence) in pull.iter_mut().zip(self.influence.column(row).iter()) {
                *pull += error * influence;
            }
        }
    }

    /// Whether the perturbations determine all coefficients: one that needed a ridge is no finding.
    pub(super) fn is_determined(&self) -> bool {
        self.ridge <= 0.0
    }

    /// Whether the network gives the same number for all perturbations, but for rounding.
    pub(super) fn is_constant(&self, target: usize) -> bool {
        let customer = self.data.values[(0, target)];
        let values = self.data.values.column(target);
        values
            .iter()
            .all(|value| is_rounding(value - customer, customer))
    }

    /// How much each target's surrogate depends on the draw; `listed` parts are what a reader sees.
    pub(super) fn stability(
        &self,
        seed: u64,
        uncertainty: Option<&Vec<Uncertainty>>,
        listed: usize,
    ) -> Vec<Stability> {
        let Some(uncertainty) = uncertainty else {
            return vec![Stability::unknown(); self.data.targets()];
        };
        let of_target = |(target, uncertainty): (usize, &Uncertainty)| {
            // Where nothing changes, which part comes first is rounding, not a finding.
            if self.data.exhaustive || self.is_constant(target) {
                return Stability::nothing_drawn();
            }
            let coefficients = &self.surrogates[target].coefficients;
            let repeats = uncertainty.repeats(seed, coefficients);
            Stability::of(&repeats, &uncertainty.margins, listed)
        };
        uncertainty.iter().enumerate().map(of_target).collect()
    }
}
