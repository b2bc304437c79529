//! Errors of a fit where it was not fitted: each group of rows, predicted by the fit to all others, without another solve.

use std::ops::Range;

use nalgebra::DMatrix;

use super::least_squares::Row;

/// Beyond this leverage a row's fitted value rests on the row alone.
const LARGEST_LEVERAGE: f64 = 1.0 - 1e-9;

/// A weighted fit: what decides the errors without a group.
pub(super) struct Fitted<'a> {
    pub(super) rows: &'a [Row],
    /// One a row.
    pub(super) weights: &'a [f64],
    /// (XᵀWX)⁻¹ x for each row, `[unknowns, rows]`.
    pub(super) influence: &'a DMatrix<f64>,
    /// The error of each row, `[rows, targets]`.
    pub(super) errors: &'a DMatrix<f64>,
}

impl Fitted<'_> {
    /// The errors of each row in the fit without its group; `None` where the fit rests on the group alone.
    pub(super) fn left_out(&self, groups: &[Range<usize>]) -> Vec<Option<Vec<f64>>> {
        let groups = groups.iter().cloned();
        groups.flat_map(|rows| self.without_group(rows)).collect()
    }

    /// The errors of a group's rows in the fit without it: `(I - H)⁻¹ e` with the group's own part H of the hat
    /// matrix (Allen 1974 for a single row).
    fn without_group(&self, rows: Range<usize>) -> Vec<Option<Vec<f64>>> {
        let targets = self.errors.ncols();
        let error = |row: usize, target: usize| self.errors[(row, target)];
        match (rows.start, rows.len()) {
            (row, 1) => {
                let own = self.leverage(row, row);
                let miss = |target| error(row, target) / (1.0 - own);
                vec![(own < LARGEST_LEVERAGE).then(|| (0..targets).map(miss).collect())]
            }
            (row, 2) => {
                let other = row + 1;
                let own = [
                    1.0 - self.leverage(row, row),
                    1.0 - self.leverage(other, other),
                ];
                let cross = [self.leverage(row, other), self.leverage(other, row)];
                let determinant = own[0] * own[1] - cross[0] * cross[1];
                if determinant < 1.0 - LARGEST_LEVERAGE {
                    return vec![None, None];
                }
                let miss = |target| {
                    let (e0, e1) = (error(row, target), error(other, target));
                    [own[1] * e0 + cross[0] * e1, own[0] * e1 + cross[1] * e0]
                        .map(|miss| miss / determinant)
                };
                let misses: Vec<[f64; 2]> = (0..targets).map(miss).collect();
                [0, 1]
                    .map(|side| Some(misses.iter().map(|both| both[side]).collect()))
                    .to_vec()
            }
            // Nothing is drawn in larger groups.
            (_, count) => vec![None; count],
        }
    }

    /// How much the response of one row moves the fitted value of another.
    fn leverage(&self, row: usize, of: usize) -> f64 {
        let influence = self.influence.column(of);
        let entries = self.rows[row].iter();
        let moved: f64 = entries
            .map(|&(column, entry)| entry * influence[column])
            .sum();
        self.weights[of] * moved
    }
}
