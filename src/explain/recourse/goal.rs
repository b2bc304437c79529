//! Goals of a recourse: how far a point of the network is from what is wished for.

use super::point::Point;
use crate::wish::Wish;
use microseg_space::Segments;

/// One way to fulfil a wish.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Goal {
    /// The micro-segment of this place among the leaves.
    Leaf(usize),
    /// A number between two bounds.
    Number {
        above: Option<f64>,
        below: Option<f64>,
    },
}

impl Goal {
    /// All ways to fulfil a wish, for a customer whose micro-segment is the leaf `own`.
    pub(super) fn all(wish: &Wish, segments: &Segments, own: usize) -> Vec<Self> {
        let leaves = segments.leaves().enumerate();
        match wish {
            Wish::AnyOtherSegment => (0..segments.leaves().len())
                .filter(|&leaf| leaf != own)
                .map(Self::Leaf)
                .collect(),
            Wish::Segment(id) => { leaves.filter(|(_, leaf)| leaf.id == *id) }
                .map(|(place, _)| Self::Leaf(place))
                .collect(),
            &Wish::Number { above, below } => vec![Self::Number { above, below }],
        }
    }

    /// How far a point is from it; below 0 where it is reached.
    pub(super) fn gap(self, point: &Point) -> f64 {
        match self {
            Self::Leaf(leaf) => {
                let others = point.distances.iter().enumerate();
                let others = others.filter(|(other, _)| *other != leaf);
                let nearest = others.map(|(_, distance)| *distance);
                point.distances[leaf] - nearest.fold(f64::INFINITY, f64::min)
            }
            Self::Number { above, below } => {
                let value = point.value.unwrap_or(f64::NAN);
                let under = above.map_or(f64::NEG_INFINITY, |above| above - value);
                let over = below.map_or(f64::NEG_INFINITY, |below| value - below);
                under.max(over)
            }
        }
    }

    /// Whether a point reaches it.
    pub(super) fn is_reached(self, point: &Point) -> bool {
        self.gap(point) < 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(distances: [f64; 3], value: f64) -> Point {
        Point {
            distances: distances.to_vec(),
            value: Some(value),
        }
    }

    #[test]
    fn leaf_is_reached_where_no_other_center_is_as_near() {
        let near_first = point([1.0, 1.5, 4.0], 0.0);
        assert!((Goal::Leaf(1).gap(&near_first) - 0.5).abs() < 1e-12);
        assert!(Goal::Leaf(0).is_reached(&near_first));
        assert!(!Goal::Leaf(0).is_reached(&point([1.0, 1.0, 4.0], 0.0)));
    }

    #[test]
    fn number_is_reached_past_its_bounds_and_not_on_them() {
        let goal = Goal::Number {
            above: Some(0.5),
            below: Some(0.75),
        };
        let at = |value| goal.gap(&point([0.0; 3], value));
        assert!((at(0.25) - 0.25).abs() < 1e-12 && (at(1.0) - 0.25).abs() < 1e-12);
        assert!(at(0.625) < 0.0 && at(0.5) >= 0.0);
    }
}
