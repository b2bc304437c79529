//! What is explained: some of the network's numbers after the last period.

use ndarray::Axis;

use crate::model::{Model, Trajectories};

/// One number of the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// An output.
    Output(usize),
    /// A dimension of the state.
    State(usize),
}

/// The numbers that one explanation explains, each by its own name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Targets(Vec<(String, Source)>);

impl Targets {
    /// What `name` stands for in this model, if anything.
    pub(super) fn find(name: &str, model: &Model) -> Option<Self> {
        let outputs = model.output_names();
        let dimensions = model.manifest().hidden_size;
        let output = |index: usize| (outputs[index].clone(), Source::Output(index));
        let state = |index: usize| (format!("state.{index}"), Source::State(index));
        let targets = match name {
            "traits" => (0..outputs.len()).map(output).collect(),
            "state" => (0..dimensions).map(state).collect(),
            name => {
                let of_output = outputs.iter().position(|output| output == name).map(output);
                vec![
                    of_output
                        .or_else(|| (0..dimensions).map(state).find(|(state, _)| state == name))?,
                ]
            }
        };
        Some(Self(targets))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    pub(super) fn sources(&self) -> impl Iterator<Item = Source> {
        self.0.iter().map(|&(_, source)| source)
    }

    /// The targets' values for every sequence of a batch, one row a sequence, appended to `values`.
    pub(super) fn read(&self, trajectories: &Trajectories, values: &mut Vec<f64>) {
        let (states, outputs) = (trajectories.final_states(), trajectories.final_outputs());
        for (state, output) in states.rows().into_iter().zip(outputs.rows()) {
            values.extend(self.sources().map(|source| match source {
                Source::Output(index) => f64::from(output[index]),
                Source::State(index) => f64::from(state[index]),
            }));
        }
    }
}

impl Source {
    /// The number after each period for the only sequence of a batch of one.
    pub(super) fn along(self, trajectories: &Trajectories) -> Vec<f64> {
        let (steps, index) = match self {
            Self::Output(index) => (&trajectories.outputs, index),
            Self::State(index) => (&trajectories.states, index),
        };
        let numbers = steps.index_axis(Axis(0), 0);
        let numbers = numbers.column(index);
        numbers
            .iter()
            .map(|&number| as_in_scoring(number.into()))
            .collect()
    }
}

/// The number that a scoring prints: the shortest decimal of the network's 32-bit float, so that the two agree.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the number came from a 32-bit float"
)]
pub(super) fn as_in_scoring(value: f64) -> f64 {
    (value as f32).to_string().parse().unwrap_or(value)
}
