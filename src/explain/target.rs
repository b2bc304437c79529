//! Targets of an explanation: some of the network's numbers after the last period.

use ndarray::Axis;

use super::asked_target::{AskedTarget, Decision};
use super::method_version::MethodVersion;
use microseg_model::{Model, Trajectories};
use microseg_space::{Boundary, Functional, Margin, StateSpace};

/// One number of the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// An output.
    Output(usize),
    /// A dimension of the state.
    State(usize),
    /// How much nearer the state is to the center of the customer's own micro-segment than to any other: `segment` in the first
    /// version of the methods.
    Margin,
    /// The signed distance of the state to the boundary of the customer's own micro-segment.
    Boundary,
    /// The caller's decision.
    Decision,
}

/// A decision on the numbers of one model.
#[derive(Debug, Clone, PartialEq)]
struct Score {
    intercept: f64,
    outputs: Vec<(usize, f64)>,
    states: Vec<(usize, f64)>,
}

/// The targets of one explanation, each with its name.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Targets {
    named: Vec<(String, Source)>,
    score: Option<Score>,
}

/// The name of the caller's decision in an explanation.
const DECISION: &str = "decision";

impl Targets {
    /// The targets that are asked for, if this model has them.
    pub(super) fn find(asked: &AskedTarget, model: &Model, version: MethodVersion) -> Option<Self> {
        match asked {
            AskedTarget::Name(name) => Self::named(name, model, version),
            AskedTarget::Decision(decision) => Some(Self {
                named: vec![(DECISION.to_owned(), Source::Decision)],
                score: Some(Score::new(decision, model)?),
            }),
        }
    }

    fn named(name: &str, model: &Model, version: MethodVersion) -> Option<Self> {
        let outputs = model.output_names();
        let dimensions = model.manifest().hidden_size();
        let output = |index: usize| (outputs[index].clone(), Source::Output(index));
        let state = |index: usize| (format!("state.{index}"), Source::State(index));
        let of_output = outputs.iter().position(|output| output == name).map(output);
        let targets = match name {
            "traits" => (0..outputs.len()).map(output).collect(),
            "state" => (0..dimensions).map(state).collect(),
            // An output of this name comes first, so that a model with such an output keeps its target.
            "segment" if of_output.is_none() && has_margin(model) => {
                let source = match version {
                    MethodVersion::One => Source::Margin,
                    MethodVersion::Two => Source::Boundary,
                };
                vec![(name.to_owned(), source)]
            }
            name => {
                let of_state = || (0..dimensions).map(state).find(|(state, _)| state == name);
                vec![of_output.or_else(of_state)?]
            }
        };
        Some(Self {
            named: targets,
            score: None,
        })
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.named.iter().map(|(name, _)| name.as_str())
    }

    /// Reads these targets around one customer, whose own run is given.
    pub(super) fn reader<'a>(&'a self, model: &'a Model, customer: &Trajectories) -> Reader<'a> {
        let state: Vec<f32> = customer.final_states().row(0).to_vec();
        let space = &model.manifest().space;
        Reader {
            targets: self,
            space,
            margin: space.segments().margin(&state),
            boundary: space.segments().boundary(&state),
            state,
        }
    }
}

/// Whether a model has the target `segment`: with a single leaf there is no margin.
pub(super) fn has_margin(model: &Model) -> bool {
    model.manifest().space.segments().leaves().len() > 1
}

/// Reads the targets from what the network gives: a margin is that of the customer's own micro-segment.
pub(super) struct Reader<'a> {
    targets: &'a Targets,
    space: &'a StateSpace,
    margin: Option<Margin<'a>>,
    boundary: Option<Boundary<'a>>,
    /// The customer's state after the last period.
    state: Vec<f32>,
}

impl Reader<'_> {
    /// Takes the boundary with the micro-segment of another end, where that is another one.
    pub(super) fn compare_with(&mut self, end: &Trajectories) {
        let state = end.final_states().row(0).to_vec();
        self.boundary = self.space.segments().boundary_with(&self.state, &state);
    }

    pub(super) fn sources(&self) -> impl Iterator<Item = Source> {
        self.targets.named.iter().map(|&(_, source)| source)
    }

    /// The micro-segment whose margin the target of this place is, if it is one.
    pub(super) fn segment(&self, source: Source) -> Option<&str> {
        match source {
            Source::Margin => self.margin.as_ref().map(Margin::segment),
            Source::Boundary => self.boundary.as_ref().map(Boundary::segment),
            Source::Output(_) | Source::State(_) | Source::Decision => None,
        }
    }

    /// The micro-segment on the other side of the boundary whose distance the target of this place is, if it is one.
    pub(super) fn rival(&self, source: Source) -> Option<&str> {
        let boundary = self.boundary.as_ref();
        boundary
            .filter(|_| source == Source::Boundary)
            .map(Boundary::rival)
    }

    /// The targets' values for the first sequences of a batch, one row a sequence, appended to `values`.
    pub(super) fn read(
        &self,
        trajectories: &Trajectories,
        sequences: usize,
        values: &mut Vec<f64>,
    ) {
        let (states, outputs) = (trajectories.final_states(), trajectories.final_outputs());
        let rows = states.rows().into_iter().zip(outputs.rows());
        for (state, output) in rows.take(sequences) {
            values.extend(self.sources().map(|source| match source {
                Source::Output(index) => f64::from(output[index]),
                Source::State(index) => f64::from(state[index]),
                Source::Margin | Source::Boundary | Source::Decision => {
                    self.of_all(source, &state.to_vec(), &output.to_vec())
                }
            }));
        }
    }

    /// The targets' values for the only sequence of a batch of one, as a scoring prints them.
    pub(super) fn in_scoring(&self, trajectories: &Trajectories) -> Vec<f64> {
        let mut values = Vec::new();
        self.read(trajectories, 1, &mut values);
        self.as_in_scoring(&values)
    }

    /// Values, one a target, as a scoring prints them.
    pub(super) fn as_in_scoring(&self, values: &[f64]) -> Vec<f64> {
        let values = self.sources().zip(values);
        values
            .map(|(source, &value)| source.in_scoring(value))
            .collect()
    }

    /// The number after each period for the only sequence of a batch of one, as a scoring prints it.
    pub(super) fn along(&self, source: Source, trajectories: &Trajectories) -> Vec<f64> {
        let states = trajectories.states.index_axis(Axis(0), 0);
        let outputs = trajectories.outputs.index_axis(Axis(0), 0);
        let periods = states.rows().into_iter().zip(outputs.rows());
        let numbers = periods.map(|(state, output)| match source {
            Source::Output(index) => as_in_scoring(output[index]),
            Source::State(index) => as_in_scoring(state[index]),
            Source::Margin | Source::Boundary | Source::Decision => {
                self.of_all(source, &state.to_vec(), &output.to_vec())
            }
        });
        numbers.collect()
    }

    /// The linear function of the state that touches the margin or boundary at the customer.
    pub(super) fn tangent(&self, source: Source) -> Functional {
        let flat = || Functional {
            weights: vec![0.0; self.state.len()],
            constant: 0.0,
        };
        let boundary = self.boundary.as_ref();
        match boundary.filter(|_| source == Source::Boundary) {
            Some(boundary) => boundary.functional().clone(),
            None => self
                .margin
                .as_ref()
                .map_or_else(flat, |margin| margin.tangent(&self.state)),
        }
    }

    /// The decision as a linear function of the state, where outputs are `readout` of it: weights and a constant each.
    pub(super) fn decision(&self, readout: (&[Vec<f64>], &[f64])) -> Functional {
        let mut functional = Functional {
            weights: vec![0.0; self.state.len()],
            constant: 0.0,
        };
        let Some(score) = &self.targets.score else {
            return functional;
        };
        functional.constant = score.intercept;
        for &(dimension, weight) in &score.states {
            functional.weights[dimension] += weight;
        }
        for &(output, weight) in &score.outputs {
            functional.constant += weight * readout.1[output];
            let weights = functional.weights.iter_mut().zip(&readout.0[output]);
            weights.for_each(|(sum, of_output)| *sum += weight * of_output);
        }
        functional
    }

    pub(super) fn space(&self) -> &StateSpace {
        self.space
    }

    /// A number that is made of several.
    fn of_all(&self, source: Source, state: &[f32], outputs: &[f32]) -> f64 {
        // A model without margins has no such target, nor has a customer in the middle of equal centers a boundary.
        match source {
            Source::Margin => self.margin.as_ref().map_or(0.0, |margin| margin.at(state)),
            Source::Boundary => { self.boundary.as_ref() }.map_or(0.0, |one| one.at(state)),
            Source::Decision => {
                { self.targets.score.as_ref() }.map_or(0.0, |one| one.at(state, outputs))
            }
            Source::Output(output) => f64::from(outputs[output]),
            Source::State(dimension) => f64::from(state[dimension]),
        }
    }
}

impl Score {
    /// The decision on this model's numbers, if it has all of them.
    fn new(decision: &Decision, model: &Model) -> Option<Self> {
        let mut score = Self {
            intercept: decision.intercept,
            outputs: Vec::new(),
            states: Vec::new(),
        };
        let outputs = model.output_names();
        for (name, &weight) in &decision.weights {
            let output = outputs.iter().position(|output| output == name);
            let mut states = 0..model.manifest().hidden_size();
            if let Some(output) = output {
                score.outputs.push((output, weight));
            } else {
                let state = states.find(|index| *name == format!("state.{index}"))?;
                score.states.push((state, weight));
            }
        }
        Some(score)
    }

    fn at(&self, state: &[f32], outputs: &[f32]) -> f64 {
        let of = |numbers: &[f32], weights: &[(usize, f64)]| -> f64 {
            let terms = weights.iter();
            terms
                .map(|&(place, weight)| weight * f64::from(numbers[place]))
                .sum()
        };
        self.intercept + of(outputs, &self.outputs) + of(state, &self.states)
    }
}

impl Source {
    /// A value of this source as a scoring prints it.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "outputs and states came from 32-bit floats"
    )]
    pub(super) fn in_scoring(self, value: f64) -> f64 {
        match self {
            Self::Output(_) | Self::State(_) => as_in_scoring(value as f32),
            Self::Margin | Self::Boundary | Self::Decision => value,
        }
    }
}

/// The shortest decimal of a 32-bit float, so that explanation and scoring agree.
fn as_in_scoring(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(value.into())
}
