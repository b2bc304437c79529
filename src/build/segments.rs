//! Micro-segments of the states, and the result of the same rule on other features.

use ndarray::Array2;

use super::clusters::{FEWEST_PARTS, MOST_PARTS, RESAMPLES};
use super::hierarchy::{self, Group, LEAST_SHARE, LEAST_STABILITY, LEVELS};
use super::labels::{Wording, label};
use super::moments::Moments;
use super::statistics::FinalStep;
use microseg_space::{Population, Segment, SegmentsDocument, Selection, Spread};

/// The segments, and the leaf of each sampled customer.
pub(super) struct Found {
    pub(super) document: SegmentsDocument,
    pub(super) leaf_ids: Vec<String>,
    pub(super) leaf_of_step: Vec<usize>,
}

/// Clusters the final states, and for comparison the outputs and the states of other networks.
pub(super) fn find(
    final_steps: &[FinalStep],
    comparators: &[&str],
    population: &Population,
    names: &[String],
    seed: u64,
) -> Found {
    let states = standardized(final_steps, &population.final_states, |one| &one.state);
    let hierarchy = hierarchy::find(states.view(), seed);
    let mut comparison = vec![hierarchy.summary("states", states.view())];
    drop(states);

    let outputs = standardized(final_steps, &population.final_outputs, |one| &one.outputs);
    comparison.push(hierarchy::find(outputs.view(), seed).summary("traits", outputs.view()));
    for (index, name) in comparators.iter().enumerate() {
        let spread = spread(final_steps, index);
        let features = standardized(final_steps, &spread, |one| &one.compared[index]);
        comparison.push(hierarchy::find(features.view(), seed).summary(name, features.view()));
    }

    let mut description = Description {
        final_steps,
        leaf_of_step: &hierarchy.leaf_of_row,
        population,
        names,
        next_leaf: 0,
        segments: Vec::new(),
        leaf_ids: Vec::new(),
    };
    if hierarchy.root.parts.is_empty() {
        let traits = population.final_outputs.mean.clone();
        description.segments.push(Segment {
            id: "1".to_owned(),
            label: "all customers".to_owned(),
            share: 1.0,
            center: population.final_states.mean.clone(),
            traits,
            split_stability: None,
            shares: { population.inputs.is_none() }.then(|| population.shares.mean.clone()),
        });
        description.leaf_ids.push("1".to_owned());
    } else {
        description.describe(&hierarchy.root, "", &population.final_outputs.mean);
    }
    let Description {
        segments, leaf_ids, ..
    } = description;
    Found {
        document: SegmentsDocument {
            customers: final_steps.len() as u64,
            selection: Selection {
                method: "Ward's linkage and k-means".to_owned(),
                parts: [FEWEST_PARTS, MOST_PARTS],
                levels: LEVELS,
                least_share: LEAST_SHARE,
                resamples: RESAMPLES,
                least_stability: LEAST_STABILITY,
            },
            stability: hierarchy.stability,
            first_split_stability: hierarchy.root.split_stability,
            segments,
            comparison,
        },
        leaf_ids,
        leaf_of_step: hierarchy.leaf_of_row,
    }
}

/// Groups turned into segments with names, from the top down.
struct Description<'d> {
    final_steps: &'d [FinalStep],
    leaf_of_step: &'d [usize],
    population: &'d Population,
    names: &'d [String],
    next_leaf: usize,
    segments: Vec<Segment>,
    leaf_ids: Vec<String>,
}

impl Description<'_> {
    /// Describes the parts of a group whose own traits are `origin`.
    fn describe(&mut self, group: &Group, id: &str, origin: &[f64]) {
        let mut first = self.next_leaf;
        let (mut members, mut baskets) = (Vec::new(), Vec::new());
        for part in &group.parts {
            let leaves = part.leaves().len();
            let leaves = first..first + leaves;
            baskets.push(self.basket(leaves.clone()));
            members.push(self.members(leaves.clone()));
            first = leaves.end;
        }
        let traits: Vec<Vec<f64>> = members.iter().map(|(_, traits)| traits.clone()).collect();
        let wording = if id.is_empty() {
            Wording::Absolute
        } else {
            Wording::Relative
        };
        let labels = label(
            &traits,
            origin,
            &self.population.final_outputs,
            self.names,
            wording,
        );
        let parts = group.parts.iter().zip(members).zip(baskets).zip(labels);
        for (number, (((part, (share, traits)), shares), label)) in parts.enumerate() {
            let own = if id.is_empty() {
                format!("{}", number + 1)
            } else {
                format!("{id}.{}", number + 1)
            };
            self.segments.push(Segment {
                id: own.clone(),
                label,
                share,
                center: raw(part, &self.population.final_states),
                traits: traits.clone(),
                split_stability: part.split_stability,
                shares,
            });
            if part.parts.is_empty() {
                self.next_leaf += 1;
                self.leaf_ids.push(own);
            } else {
                self.describe(part, &own, &traits);
            }
        }
    }

    /// The mean shares of the customers in some leaves, in their last periods; `None` where the network reads more than shares.
    fn basket(&self, leaves: std::ops::Range<usize>) -> Option<Vec<f64>> {
        if self.population.inputs.is_some() {
            return None;
        }
        let mut sums = Moments::new(self.population.shares.mean.len());
        let members = self.final_steps.iter().zip(self.leaf_of_step);
        for (step, _) in members.filter(|(_, leaf)| leaves.contains(leaf)) {
            sums.add(step.profile.iter().copied().map(f64::from));
        }
        Some(sums.spread().mean)
    }

    /// The share of the customers in some leaves, and the mean of their outputs.
    fn members(&self, leaves: std::ops::Range<usize>) -> (f64, Vec<f64>) {
        let mut sums = vec![0.0; self.names.len()];
        let mut count = 0_u32;
        for (step, leaf) in self.final_steps.iter().zip(self.leaf_of_step) {
            if leaves.contains(leaf) {
                count += 1;
                let outputs = step.outputs.iter().copied().map(f64::from);
                sums.iter_mut()
                    .zip(outputs)
                    .for_each(|(sum, output)| *sum += output);
            }
        }
        if count == 0 {
            return (0.0, self.population.final_outputs.mean.clone());
        }
        #[expect(clippy::cast_precision_loss, reason = "a count of customers")]
        let share = f64::from(count) / self.final_steps.len() as f64;
        (
            share,
            sums.into_iter().map(|sum| sum / f64::from(count)).collect(),
        )
    }
}

/// A group's center as a state.
fn raw(group: &Group, scale: &Spread) -> Vec<f64> {
    scale.destandardize(group.center.iter().copied()).collect()
}

fn standardized(
    final_steps: &[FinalStep],
    spread: &Spread,
    features: impl Fn(&FinalStep) -> &Vec<f32>,
) -> Array2<f64> {
    let mut rows = Array2::zeros((final_steps.len(), spread.mean.len()));
    for (mut row, step) in rows.rows_mut().into_iter().zip(final_steps) {
        let values = features(step).iter().copied().map(f64::from);
        row.iter_mut()
            .zip(spread.standardize(values))
            .for_each(|(to, from)| *to = from);
    }
    rows
}

/// Mean and deviation of a comparator's final states.
fn spread(final_steps: &[FinalStep], comparator: usize) -> Spread {
    let length = final_steps
        .first()
        .map_or(0, |one| one.compared[comparator].len());
    let mut moments = Moments::new(length);
    for step in final_steps {
        moments.add(step.compared[comparator].iter().copied().map(f64::from));
    }
    moments.spread()
}
