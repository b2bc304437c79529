//! What is explained: some of the network's numbers after the last period.

use crate::model::{Model, Trajectories};

/// One number of the network after the last period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Output(usize),
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

    /// The targets' values for every sequence of a batch, one row a sequence, appended to `values`.
    pub(super) fn read(&self, trajectories: &Trajectories, values: &mut Vec<f64>) {
        let (states, outputs) = (trajectories.final_states(), trajectories.final_outputs());
        for (state, output) in states.rows().into_iter().zip(outputs.rows()) {
            values.extend(self.0.iter().map(|(_, source)| match *source {
                Source::Output(index) => f64::from(output[index]),
                Source::State(index) => f64::from(state[index]),
            }));
        }
    }
}
