//! Plane onto which states are projected: the two directions in which the centers of the micro-segments differ most.

use nalgebra::{DMatrix, SymmetricEigen};

use crate::documents::{Segments, Spread};

/// Principal components of the centers, weighted by the segments' shares, in deviations of the final states.
#[derive(Debug, Clone)]
pub(crate) struct Projection {
    scale: Spread,
    origin: Vec<f64>,
    axes: [Vec<f64>; 2],
    /// The part of the centers' variance that the plane shows, 0 to 1.
    pub(crate) variance: f64,
}

impl Projection {
    /// `None` with fewer than two segments, or with tables that do not fit each other.
    pub(crate) fn of(segments: &Segments) -> Option<Self> {
        let scale = segments.final_states.clone();
        let size = scale.mean.len();
        let leaves: Vec<(f64, Vec<f64>)> = segments
            .leaves()
            .map(|leaf| (leaf.share, standardized(&scale, &leaf.center)))
            .collect();
        let fits = leaves.iter().all(|(_, center)| center.len() == size);
        let weight: f64 = leaves.iter().map(|(share, _)| share).sum();
        if leaves.len() < 2 || size < 2 || !fits || weight <= 0.0 {
            return None;
        }
        let mean = |index: usize| {
            leaves
                .iter()
                .map(|(share, center)| share * center[index])
                .sum::<f64>()
                / weight
        };
        let origin: Vec<f64> = (0..size).map(mean).collect();
        let between = DMatrix::from_fn(size, size, |row, column| {
            let product = |(share, center): &(f64, Vec<f64>)| {
                share * (center[row] - origin[row]) * (center[column] - origin[column])
            };
            leaves.iter().map(product).sum::<f64>() / weight
        });
        let eigen = SymmetricEigen::new(between);
        let mut order: Vec<usize> = (0..size).collect();
        order.sort_by(|&a, &b| eigen.eigenvalues[b].total_cmp(&eigen.eigenvalues[a]));
        let all: f64 = eigen.eigenvalues.iter().map(|value| value.max(0.0)).sum();
        let shown = eigen.eigenvalues[order[0]] + eigen.eigenvalues[order[1]].max(0.0);
        let axis = |place: usize| {
            oriented(
                eigen
                    .eigenvectors
                    .column(order[place])
                    .iter()
                    .copied()
                    .collect(),
            )
        };
        (all > 0.0).then(|| Self {
            axes: [axis(0), axis(1)],
            scale,
            origin,
            variance: shown / all,
        })
    }

    /// Where a state lies in the plane, in standard deviations.
    pub(crate) fn point(&self, state: &[f64]) -> (f64, f64) {
        let place = standardized(&self.scale, state);
        let along = |axis: &[f64]| {
            let parts = axis.iter().zip(&place).zip(&self.origin);
            parts
                .map(|((axis, place), origin)| axis * (place - origin))
                .sum()
        };
        (along(&self.axes[0]), along(&self.axes[1]))
    }

    /// The part of a trajectory's movement, in squares of its steps, that lies in the plane; `None` without movement.
    pub(crate) fn movement<'a>(&self, states: impl Iterator<Item = &'a Vec<f64>>) -> Option<f64> {
        let states: Vec<&Vec<f64>> = states.collect();
        let (mut shown, mut all) = (0.0, 0.0);
        for pair in states.windows(2) {
            let (from, to) = (self.point(pair[0]), self.point(pair[1]));
            shown += (to.0 - from.0).powi(2) + (to.1 - from.1).powi(2);
            let places = [pair[0], pair[1]].map(|state| standardized(&self.scale, state));
            let steps = places[0].iter().zip(&places[1]);
            all += steps.map(|(from, to)| (to - from).powi(2)).sum::<f64>();
        }
        (all > 0.0).then(|| shown / all)
    }
}

fn standardized(scale: &Spread, state: &[f64]) -> Vec<f64> {
    let spread = scale.mean.iter().zip(&scale.deviation);
    state
        .iter()
        .zip(spread)
        .map(|(number, (mean, deviation))| {
            if *deviation > 0.0 {
                (number - mean) / deviation
            } else {
                0.0
            }
        })
        .collect()
}

/// The sign of a direction is free: the largest number is positive, so that the same tables give the same figure.
fn oriented(axis: Vec<f64>) -> Vec<f64> {
    let largest = axis.iter().copied().fold(0.0, |largest: f64, number| {
        if number.abs() > largest.abs() {
            number
        } else {
            largest
        }
    });
    if largest < 0.0 {
        return axis.into_iter().map(|number| -number).collect();
    }
    axis
}
