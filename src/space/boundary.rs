//! Boundary of a micro-segment: the signed distance of a state to the plane between two centers.

use super::distance::nearest;
use super::functional::Functional;
use super::segments::Segments;

/// The plane between the micro-segment of one state and the rival whose plane is nearest to that state.
///
/// The signed distance `(|z - c_r|² - |z - c_o|²) / (2 |c_r - c_o|)` of a state z to it is linear in the state; `c_o` is the own
/// center and `c_r` the rival's, all in standard deviations of the population's final states. It is above 0 on the own side.
#[derive(Debug, Clone, PartialEq)]
pub struct Boundary<'a> {
    segment: &'a str,
    rival: &'a str,
    distance: Functional,
}

impl Segments {
    /// The boundary of the leaf that a state of H numbers lies in; `None` when there is only one leaf, or when all others have
    /// the same center.
    #[must_use]
    pub fn boundary(&self, state: &[f32]) -> Option<Boundary<'_>> {
        let own = nearest(self.distances(state));
        let rivals = (0..self.leaves().len()).filter(|&leaf| leaf != own);
        let planes = rivals.filter_map(|rival| Some((rival, self.plane(own, rival)?)));
        let at = |plane: &Functional| plane.at(state.iter().copied().map(f64::from));
        let (rival, distance) =
            planes.min_by(|(_, one), (_, other)| at(one).total_cmp(&at(other)))?;
        Some(Boundary {
            segment: self.leaf(own),
            rival: self.leaf(rival),
            distance,
        })
    }

    /// The boundary between the leaf of a state and that of an earlier one; that of [`Segments::boundary`] where both lie in the
    /// same leaf.
    #[must_use]
    pub fn boundary_with(&self, state: &[f32], earlier: &[f32]) -> Option<Boundary<'_>> {
        let own = nearest(self.distances(state));
        let rival = nearest(self.distances(earlier));
        if own == rival {
            return self.boundary(state);
        }
        Some(Boundary {
            segment: self.leaf(own),
            rival: self.leaf(rival),
            distance: self.plane(own, rival)?,
        })
    }

    /// The signed distance to the plane between two leaves as a function of the state; `None` for equal centers.
    fn plane(&self, own: usize, rival: usize) -> Option<Functional> {
        let centers = self.center(own).iter().zip(self.center(rival));
        let towards_own: Vec<f64> = centers.clone().map(|(own, rival)| own - rival).collect();
        let length = towards_own
            .iter()
            .map(|part| part * part)
            .sum::<f64>()
            .sqrt();
        if length <= 0.0 {
            return None;
        }
        // (|z - r|² - |z - o|²) / 2 = (o - r)·z - (|o|² - |r|²) / 2, and z is the standardized state.
        let squares: f64 = centers.map(|(own, rival)| own * own - rival * rival).sum();
        let origin = self.place(&vec![0.0; towards_own.len()]);
        let at_origin: f64 = towards_own.iter().zip(&origin).map(|(w, z)| w * z).sum();
        Some(Functional {
            constant: (at_origin - squares / 2.0) / length,
            weights: self.slope(towards_own.into_iter().map(|part| part / length)),
        })
    }
}

impl<'a> Boundary<'a> {
    /// The id of the own leaf.
    #[must_use]
    pub fn segment(&self) -> &'a str {
        self.segment
    }

    /// The id of the rival.
    #[must_use]
    pub fn rival(&self) -> &'a str {
        self.rival
    }

    /// The signed distance at a state of H numbers, in standard deviations of the population's final states.
    #[must_use]
    pub fn at(&self, state: &[f32]) -> f64 {
        self.distance.at(state.iter().copied().map(f64::from))
    }

    /// The same as a function.
    #[must_use]
    pub fn functional(&self) -> &Functional {
        &self.distance
    }
}
