//! Points of a recourse: what the network gives when the customer's last period is another one.

use std::time::Instant;

use microseg_encoding::{Profile, Totals};
use microseg_model::{Batch, Model, RecurrentState, Trajectories};
use microseg_space::Segments;
use microseg_timing::Timing;
use ndarray::{Array3, Axis, Slice};

use crate::error::ExplainError;
use crate::evaluation::{PORTION, run};
use crate::target::Reader;

/// What the network gives for one input, as far as a wish is about it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Point {
    /// The distance of the state to the center of each leaf.
    pub(super) distances: Vec<f64>,
    /// The number that is wished for, if one is.
    pub(super) value: Option<f64>,
}

impl Point {
    /// The leaf whose center is nearest, the first of equals.
    pub(super) fn leaf(&self) -> usize {
        let leaves = self.distances.iter().enumerate();
        let nearest = leaves.min_by(|(_, one), (_, other)| one.total_cmp(other));
        nearest.map_or(0, |(leaf, _)| leaf)
    }

    /// The id of that leaf.
    pub(super) fn segment(&self, segments: &Segments) -> String {
        let mut leaves = segments.leaves();
        let leaf = leaves.nth(self.leaf());
        leaf.map(|leaf| leaf.id.clone()).unwrap_or_default()
    }
}

/// The customer up to the last period, and what the network gives for other last periods.
pub(super) struct LastPeriod<'a> {
    model: &'a Model,
    totals: &'a Totals,
    /// The recurrent states before it, [`PORTION`] times the same; `None` where it is the first one.
    before: Option<RecurrentState>,
    /// How many inputs were run.
    pub(super) evaluations: usize,
}

impl<'a> LastPeriod<'a> {
    /// Runs the periods before the last one.
    pub(super) async fn after(
        model: &'a Model,
        totals: &'a Totals,
        timing: &mut Timing,
    ) -> Result<Self, ExplainError> {
        let profile = totals.profile();
        let periods = profile.shares().nrows();
        let before = if periods > 1 {
            let earlier = profile
                .shares()
                .slice_axis(Axis(0), Slice::from(..-1))
                .to_owned();
            let run = run(model, Batch::of_sequence(earlier.view()), timing).await?;
            Some(repeated(&run))
        } else {
            None
        };
        Ok(Self {
            model,
            totals,
            before,
            evaluations: 0,
        })
    }

    /// The points of other shares of the last period.
    pub(super) async fn points(
        &mut self,
        reader: Option<&Reader<'_>>,
        inputs: &[Vec<f64>],
        timing: &mut Timing,
    ) -> Result<Vec<Point>, ExplainError> {
        let mut points = Vec::with_capacity(inputs.len());
        for portion in inputs.chunks(PORTION) {
            let begun = Instant::now();
            let classes = self.totals.spending().ncols();
            let mut numbers = Array3::zeros((PORTION, 1, classes));
            for (mut row, shares) in numbers.outer_iter_mut().zip(portion) {
                for (number, share) in row.iter_mut().zip(shares) {
                    *number = as_f32(*share);
                }
            }
            timing.perturb += begun.elapsed();
            let batch = match &self.before {
                Some(state) => Batch::continued(numbers, state.clone()),
                None => Batch::new(numbers),
            };
            let run = run(self.model, batch, timing).await?;
            points.extend(read(self.segments(), reader, &run, portion.len()));
            self.evaluations += portion.len();
        }
        Ok(points)
    }

    /// Runs the customer with other amounts in the last period, as a scoring does.
    pub(super) async fn scored(
        &mut self,
        amounts: &[f64],
        timing: &mut Timing,
    ) -> Result<Trajectories, ExplainError> {
        let mut spending = self.totals.spending().to_owned();
        if let Some(mut last) = spending.rows_mut().into_iter().next_back() {
            last.iter_mut()
                .zip(amounts)
                .for_each(|(old, new)| *old = *new);
        }
        self.evaluations += 1;
        let profile = Profile::of_spending(spending.view());
        Ok(run(self.model, Batch::of_sequence(profile.shares()), timing).await?)
    }

    /// The one point of a run alone, with its number as a scoring prints it.
    pub(super) fn point_of(&self, reader: Option<&Reader<'_>>, run: &Trajectories) -> Point {
        let state = run.final_states().row(0).to_vec();
        Point {
            distances: self.segments().distances(&state),
            value: reader.and_then(|reader| reader.in_scoring(run).first().copied()),
        }
    }

    pub(super) fn segments(&self) -> &'a Segments {
        self.model.manifest().space.segments()
    }
}

fn read(
    segments: &Segments,
    reader: Option<&Reader<'_>>,
    run: &Trajectories,
    sequences: usize,
) -> Vec<Point> {
    let mut values = Vec::new();
    if let Some(reader) = reader {
        reader.read(run, sequences, &mut values);
    }
    let states = run.final_states();
    let states = states.rows().into_iter().take(sequences).enumerate();
    states
        .map(|(row, state)| Point {
            distances: segments.distances(&state.to_vec()),
            value: values.get(row).copied(),
        })
        .collect()
}

/// The recurrent state of a run of one sequence, for a whole portion.
fn repeated(run: &Trajectories) -> RecurrentState {
    let last = Slice::from(-1..);
    let end = Trajectories {
        states: run.states.slice_axis(Axis(1), last).to_owned(),
        outputs: run.outputs.slice_axis(Axis(1), last).to_owned(),
        recurrent_state: run.recurrent_state.clone(),
    };
    Trajectories::together(vec![end; PORTION]).recurrent_state
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the network takes 32-bit floats"
)]
fn as_f32(share: f64) -> f32 {
    share as f32
}
