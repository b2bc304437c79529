//! Margin of a state in its micro-segment.

use super::distance::{distance, nearest};
use super::functional::Functional;
use super::segments::Segments;

/// How much nearer the center of one leaf is than that of any other, as a function of the state.
///
/// At the state that it was made for it is the `margin` of [`Segments::locate`]; where another leaf is nearer it is below zero.
#[derive(Debug, Clone, Copy)]
pub struct Margin<'a> {
    segments: &'a Segments,
    /// The place of the leaf.
    leaf: usize,
}

impl Segments {
    /// The margin of the leaf that a state of H numbers lies in; `None` when there is only one leaf.
    #[must_use]
    pub fn margin(&self, state: &[f32]) -> Option<Margin<'_>> {
        Margin::new(self, state)
    }
}

impl<'a> Margin<'a> {
    fn new(segments: &'a Segments, state: &[f32]) -> Option<Self> {
        let distances = segments.distances(state);
        (distances.len() > 1).then(|| Self {
            segments,
            leaf: nearest(distances.iter().copied()),
        })
    }

    /// The leaf's id.
    #[must_use]
    pub fn segment(&self) -> &'a str {
        self.segments.leaf(self.leaf)
    }

    /// The margin at a state of H numbers, in standard deviations of the population's final states.
    #[must_use]
    pub fn at(&self, state: &[f32]) -> f64 {
        let distances = self.segments.distances(state);
        distances[self.rival(&distances)] - distances[self.leaf]
    }

    /// The linear function that has the margin's value and slope at a state.
    #[must_use]
    pub fn tangent(&self, state: &[f32]) -> Functional {
        let distances = self.segments.distances(state);
        let rival = self.rival(&distances);
        let place = self.segments.place(state);
        // d|z - c| / ds = (z - c) / |z - c| / σ; at a center itself there is no slope, and 0 stands for it.
        let slope = |leaf: usize| {
            let center = self.segments.center(leaf);
            let away: Vec<f64> = place.iter().zip(center).map(|(z, c)| z - c).collect();
            let length = distance(&place, center);
            self.segments.slope(
                away.into_iter()
                    .map(move |part| if length > 0.0 { part / length } else { 0.0 }),
            )
        };
        let weights: Vec<f64> = slope(rival)
            .into_iter()
            .zip(slope(self.leaf))
            .map(|(rival, own)| rival - own)
            .collect();
        let mut tangent = Functional {
            weights,
            constant: 0.0,
        };
        let state = state.iter().copied().map(f64::from);
        tangent.constant = distances[rival] - distances[self.leaf] - tangent.at(state);
        tangent
    }

    /// The place of the nearest of the other leaves.
    fn rival(&self, distances: &[f64]) -> usize {
        let others = distances.iter().enumerate().map(|(leaf, &distance)| {
            if leaf == self.leaf {
                f64::INFINITY
            } else {
                distance
            }
        });
        nearest(others)
    }
}
