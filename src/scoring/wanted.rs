//! Steps of a trajectory that its caller wants: a long history has thousands, and its scoring tells a few of them.

use std::ops::Range;

use ndarray::{Array3, ArrayView3, Axis, Slice};

use microseg_model::Trajectories;

/// Which steps of a trajectory are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wanted {
    All,
    /// These, in ascending order, each once.
    Only(Vec<usize>),
}

impl Wanted {
    /// Steps in any order, with the last one of so many.
    pub(crate) fn only(steps: impl IntoIterator<Item = usize>, of: usize) -> Self {
        let mut wanted: Vec<usize> = steps.into_iter().collect();
        wanted.push(of.saturating_sub(1));
        wanted.sort_unstable();
        wanted.dedup();
        Self::Only(wanted)
    }

    /// Where a step stands among those that are kept; a step that is not kept has the place of the next one.
    pub(crate) fn place_of(&self, step: usize) -> usize {
        match self {
            Self::All => step,
            Self::Only(wanted) => wanted.partition_point(|&wanted| wanted < step),
        }
    }

    /// What is kept of one sequence of a run of these steps.
    pub(crate) fn of(&self, run: &Trajectories, row: usize, steps: Range<usize>) -> Trajectories {
        let part = |numbers: &Array3<f32>| {
            let own = numbers.slice_axis(Axis(0), Slice::from(row..row + 1));
            self.kept(own, &steps)
        };
        Trajectories {
            states: part(&run.states),
            outputs: part(&run.outputs),
            recurrent_state: run.recurrent_state.part(row..row + 1),
        }
    }

    fn kept(&self, own: ArrayView3<'_, f32>, steps: &Range<usize>) -> Array3<f32> {
        match self {
            Self::All => own.to_owned(),
            Self::Only(wanted) => {
                let kept = self.place_of(steps.start)..self.place_of(steps.end);
                let places = { wanted[kept].iter() }.map(|step| step - steps.start);
                own.select(Axis(1), &places.collect::<Vec<_>>())
            }
        }
    }
}

/// The last of so many steps. Before its first step a network has no state; the first period has one.
pub(crate) fn last_step(steps: usize) -> usize {
    steps.saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use microseg_model::RecurrentState;

    /// A run of one dimension whose states are the numbers of its steps.
    #[expect(clippy::cast_precision_loss, reason = "a handful of steps")]
    fn run(steps: Range<usize>) -> Trajectories {
        let numbers = Array3::from_shape_fn((2, steps.len(), 1), |(row, step, _)| {
            (100 * row + steps.start + step) as f32
        });
        Trajectories {
            states: numbers.clone(),
            outputs: numbers,
            recurrent_state: RecurrentState::new([("h", Array3::zeros((1, 2, 1)))]),
        }
    }

    fn kept(wanted: &Wanted) -> Vec<f32> {
        let runs = [0..4, 4..6, 6..7].map(|steps| wanted.of(&run(steps.clone()), 1, steps));
        Trajectories::continued(runs.into())
            .states
            .into_iter()
            .collect()
    }

    #[test]
    fn wanted_steps_of_all_runs_are_kept_with_the_last_one() {
        assert_eq!(
            kept(&Wanted::only([5, 0, 3, 3], 7)),
            [100.0, 103.0, 105.0, 106.0]
        );
        assert_eq!(kept(&Wanted::only([], 7)), [106.0]);
        assert_eq!(kept(&Wanted::All).len(), 7);
    }

    #[test]
    fn step_has_its_place_among_those_that_are_kept() {
        let wanted = Wanted::only([0, 3, 5], 7);
        assert_eq!([0, 3, 5, 6].map(|step| wanted.place_of(step)), [0, 1, 2, 3]);
        assert_eq!(Wanted::All.place_of(5), 5);
    }
}
