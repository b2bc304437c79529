//! Targets of an explanation: some of the network's numbers after the last period.

use ndarray::Axis;

use microseg_model::{Model, Trajectories};
use microseg_space::{Functional, Margin, StateSpace};

/// One number of the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// An output.
    Output(usize),
    /// A dimension of the state.
    State(usize),
    /// How much nearer the state is to the center of the customer's own micro-segment than to any other.
    Margin,
}

/// The targets of one explanation, each with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Targets(Vec<(String, Source)>);

impl Targets {
    /// The targets of this name in this model, if it has any.
    pub(super) fn find(name: &str, model: &Model) -> Option<Self> {
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
                vec![(name.to_owned(), Source::Margin)]
            }
            name => {
                let of_state = || (0..dimensions).map(state).find(|(state, _)| state == name);
                vec![of_output.or_else(of_state)?]
            }
        };
        Some(Self(targets))
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Reads these targets around one customer, whose own run is given.
    pub(super) fn reader<'a>(&'a self, model: &'a Model, customer: &Trajectories) -> Reader<'a> {
        let state: Vec<f32> = customer.final_states().row(0).to_vec();
        let space = &model.manifest().space;
        Reader {
            targets: self,
            space,
            margin: space.segments().margin(&state),
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
    /// The customer's state after the last period.
    state: Vec<f32>,
}

impl Reader<'_> {
    pub(super) fn sources(&self) -> impl Iterator<Item = Source> {
        self.targets.0.iter().map(|&(_, source)| source)
    }

    /// The micro-segment whose margin the target of this place is, if it is one.
    pub(super) fn segment(&self, source: Source) -> Option<&str> {
        let margin = self.margin.as_ref().filter(|_| source == Source::Margin);
        margin.map(Margin::segment)
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
                Source::Margin => self.margin_at(&state.to_vec()),
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
            Source::Margin => self.margin_at(&state.to_vec()),
        });
        numbers.collect()
    }

    /// The linear function of the state that touches the margin at the customer.
    pub(super) fn tangent(&self) -> Functional {
        let flat = || Functional {
            weights: vec![0.0; self.state.len()],
            constant: 0.0,
        };
        self.margin
            .as_ref()
            .map_or_else(flat, |margin| margin.tangent(&self.state))
    }

    pub(super) fn space(&self) -> &StateSpace {
        self.space
    }

    fn margin_at(&self, state: &[f32]) -> f64 {
        // A model without margins has no such target.
        self.margin.as_ref().map_or(0.0, |margin| margin.at(state))
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
            Self::Margin => value,
        }
    }
}

/// The shortest decimal of a 32-bit float, so that explanation and scoring agree.
fn as_in_scoring(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(value.into())
}
