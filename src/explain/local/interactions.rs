//! Interactions of pairs: what two parts together add beyond what each adds alone.
//!
//! The network's number for a coalition S is modelled as `base + Σ_S a_i + Σ_{i<j in S} b_ij`, fitted to the same coalitions with
//! the same weights as the Shapley values, and equal to the network for none and for all parts (Faith-Shap of order 2, Tsai,
//! Yeh & Ravikumar 2023).

use nalgebra::DMatrix;

use super::equations::Data;
use super::least_squares::{NormalEquations, Row};
use super::left_out::Fitted;
use super::strata::Strata;
use std::ops::Range;

/// The most parts whose pairs are fitted: 253 unknowns.
const MOST_PARTS: usize = 22;

/// Main effects and interactions of all targets.
pub(super) struct Interactions {
    parts: usize,
    exhaustive: bool,
    /// `a` without the last, then `b`, `[unknowns, targets]`.
    unknowns: DMatrix<f64>,
    /// What all sums to, one a target.
    sums: Vec<f64>,
    /// `[rows, targets]`.
    errors: DMatrix<f64>,
    left_out: Vec<Option<Vec<f64>>>,
}

impl Interactions {
    /// Fits pairs to fitted rows, which are coalitions without the ends; `absent` has the targets' numbers of the empty one. `None`
    /// when there are too many parts, one alone, or too few coalitions for so many pairs.
    pub(super) fn fit(
        data: &Data<'_>,
        (fitted, groups): (&[usize], &[Range<usize>]),
        absent: &[f64],
    ) -> Option<Self> {
        let parts = data.parts;
        if !(2..=MOST_PARTS).contains(&parts) {
            return None;
        }
        let rows: Vec<Row> = fitted.iter().map(|&index| row(data, index)).collect();
        let of_all = Strata::new(data.perturbations, parts).weights(data.perturbations);
        let weights: Vec<f64> = fitted.iter().map(|&index| of_all[index]).collect();
        let sums: Vec<f64> = { absent.iter().enumerate() }
            .map(|(target, absent)| data.values[(0, target)] - absent)
            .collect();
        let responses = DMatrix::from_fn(rows.len(), absent.len(), |row, target| {
            let last = f64::from(u8::from(!is_removed(data, fitted[row], parts - 1)));
            data.values[(fitted[row], target)] - absent[target] - sums[target] * last
        });
        let mut normal = NormalEquations::new(parts - 1 + pairs(parts), absent.len());
        for (index, row) in rows.iter().enumerate() {
            let right = responses.row(index);
            normal.add_row(row, weights[index], right.iter().copied());
        }
        let solution = normal.solve();
        if solution.ridge > 0.0 {
            return None;
        }
        let errors = DMatrix::from_fn(rows.len(), absent.len(), |row, target| {
            responses[(row, target)] - solution.fitted(&rows[row], target)
        });
        let left_out = if data.exhaustive {
            Vec::new()
        } else {
            let influence = solution.influence(&rows);
            let fitted = Fitted {
                rows: &rows,
                weights: &weights,
                influence: &influence,
                errors: &errors,
            };
            fitted.left_out(groups)
        };
        Some(Self {
            parts,
            exhaustive: data.exhaustive,
            unknowns: solution.unknowns,
            sums,
            errors,
            left_out,
        })
    }

    /// The error of a row: in the fit when all coalitions were taken, else in the fit without its pair of coalitions.
    pub(super) fn test_error(&self, row: usize, target: usize) -> Option<f64> {
        if self.exhaustive {
            return Some(self.errors[(row, target)]);
        }
        self.left_out[row].as_ref().map(|errors| errors[target])
    }

    /// What each part adds alone.
    pub(super) fn main_effects(&self, target: usize) -> Vec<f64> {
        let unknowns = self.unknowns.column(target);
        let last = self.sums[target] - unknowns.sum();
        let others = unknowns.iter().take(self.parts - 1).copied();
        others.chain([last]).collect()
    }

    /// What each pair adds beyond that: the first part, the second, and the interaction.
    pub(super) fn pairs(&self, target: usize) -> Vec<(usize, usize, f64)> {
        let unknowns = self.unknowns.column(target);
        let values = unknowns.iter().skip(self.parts - 1);
        all_pairs(self.parts)
            .zip(values)
            .map(|((one, other), &value)| (one, other, value))
            .collect()
    }
}

/// A coalition as a row. The last main effect is the sum less all other unknowns, so each of them has its column less the last's.
fn row(data: &Data<'_>, index: usize) -> Row {
    let parts = data.parts;
    let mut is_there = vec![true; parts];
    for &(part, _) in &data.perturbations[index].moves {
        is_there[part] = false;
    }
    let number = |there: bool| f64::from(u8::from(there));
    let last = number(is_there[parts - 1]);
    let main = (0..parts - 1).map(|part| number(is_there[part]) - last);
    let both = all_pairs(parts).map(|(one, other)| number(is_there[one] && is_there[other]) - last);
    let entries = main.chain(both).enumerate();
    entries.filter(|&(_, entry)| entry != 0.0).collect()
}

fn is_removed(data: &Data<'_>, index: usize, part: usize) -> bool {
    let moves = &data.perturbations[index].moves;
    moves.iter().any(|&(moved, _)| moved == part)
}

fn all_pairs(parts: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..parts).flat_map(move |one| (one + 1..parts).map(move |other| (one, other)))
}

fn pairs(parts: usize) -> usize {
    parts * (parts - 1) / 2
}
