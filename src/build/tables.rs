//! Tables of a bundle, derived from the statistics of a population.

use indicatif::ProgressBar;

use super::attractors::{self, HeldProfile, Search};
use super::error::{BuildError, FEWEST_CUSTOMERS};
use super::hierarchy::LEAST_MEMBERS;
use super::inputs::BuildInputs;
use super::statistics::{FinalStep, Statistics, Trajectory};
use super::{recovery, segments, surrogate};
use microseg_encoding::{InputDeclaration, Step};
use microseg_space::{
    AttractorsDocument, GlobalSurrogate, Population, SegmentsDocument, SurrogateDocument,
};

/// All tables of a bundle.
pub(super) struct Tables {
    pub(super) population: Population,
    pub(super) segments: SegmentsDocument,
    pub(super) attractors: AttractorsDocument,
    pub(super) surrogate: SurrogateDocument,
    /// Held-out customers' trajectories, from which golden cases can be made.
    pub(super) trajectories: Vec<Trajectory>,
}

/// Derives every table.
pub(super) fn derive(
    inputs: &BuildInputs,
    mut statistics: Statistics,
    progress: &ProgressBar,
) -> Result<Tables, BuildError> {
    let BuildInputs {
        config,
        main,
        taxonomy,
        comparators,
        relations,
        ..
    } = inputs;
    let (outputs, shape) = (&main.outputs, main.shape());
    let customers = statistics.fitted + statistics.held_out;
    if customers < FEWEST_CUSTOMERS {
        return Err(BuildError::Customers(customers));
    }
    let population = population(&mut statistics, &main.outline.declaration);
    let trajectories = statistics.trajectories.take();

    progress.set_message("fitting the global surrogate");
    let mut fitted = surrogate::fit(&statistics, &trajectories, shape)?;
    let are_shares = main.outline.declaration.is_shares_alone();
    if are_shares {
        fitted.recovery.rule = recovery::of_rule(&fitted, taxonomy, outputs);
    }
    fitted.recovery.relations = relations
        .as_ref()
        .filter(|_| are_shares)
        .and_then(|relations| {
            let shares = &population.shares;
            recovery::of_relations(&fitted, relations, taxonomy, outputs, shares, config.seed)
        });
    let surrogate = GlobalSurrogate::new(fitted, shape)?;

    progress.set_message("finding micro-segments");
    let final_steps = statistics.final_steps.take();
    let labels: Vec<&str> = comparators.iter().map(|one| one.label.as_str()).collect();
    let found = segments::find(&final_steps, &labels, &population, outputs, config.seed);

    progress.set_message("looking for attractors");
    let held = match main.outline.declaration.step() {
        // An event that is the same for ever means nothing, and the mean of categories neither.
        Step::Event => Vec::new(),
        _ => held_profiles(&final_steps, &found, are_shares),
    };
    let search = Search {
        network: &*main.network,
        final_steps: &final_steps,
        surrogate: &surrogate,
        population: &population,
        names: outputs,
        seed: config.seed,
    };
    let attractors =
        attractors::search(&search, &held, progress).map_err(BuildError::network(&main.file))?;
    Ok(Tables {
        segments: found.document,
        attractors,
        surrogate: surrogate.document().clone(),
        population,
        trajectories,
    })
}

fn population(statistics: &mut Statistics, declaration: &InputDeclaration) -> Population {
    let inputs = statistics.inputs.as_mut();
    Population {
        customers: statistics.fitted + statistics.held_out,
        periods: statistics.periods,
        transactions: statistics.transactions,
        shares: statistics.shares.spread(),
        states: statistics.states.spread(),
        final_states: statistics.final_states.spread(),
        outputs: statistics.outputs.spread(),
        final_outputs: statistics.final_outputs.spread(),
        inputs: inputs.map(|inputs| inputs.distributions(declaration)),
    }
}

/// The mean last profile of all customers, and of each leaf with enough of them.
fn held_profiles(
    final_steps: &[FinalStep],
    segments: &segments::Found,
    are_shares: bool,
) -> Vec<HeldProfile> {
    let mut held = vec![HeldProfile {
        name: "population".to_owned(),
        profile: mean_profile(final_steps.iter(), are_shares),
    }];
    for (leaf, id) in segments.leaf_ids.iter().enumerate() {
        let members = final_steps.iter().zip(&segments.leaf_of_step);
        let members: Vec<&FinalStep> = members
            .filter(|(_, of)| **of == leaf)
            .map(|(step, _)| step)
            .collect();
        let profile = mean_profile(members.iter().copied(), are_shares);
        // The mean of a few customers would disclose each of them.
        if members.len() >= LEAST_MEMBERS {
            held.push(HeldProfile {
                name: id.clone(),
                profile,
            });
        }
    }
    held
}

/// The mean of the last steps, of which shares sum to 1 again; empty without customers.
fn mean_profile<'e>(
    final_steps: impl ExactSizeIterator<Item = &'e FinalStep>,
    are_shares: bool,
) -> Vec<f32> {
    #[expect(clippy::cast_precision_loss, reason = "the sample is bounded")]
    let steps = final_steps.len() as f64;
    let mut sums: Vec<f64> = Vec::new();
    for step in final_steps {
        sums.resize(step.profile.len(), 0.0);
        let shares = step.profile.iter().copied().map(f64::from);
        sums.iter_mut()
            .zip(shares)
            .for_each(|(sum, share)| *sum += share);
    }
    let total = if are_shares {
        sums.iter().sum::<f64>()
    } else {
        steps
    };
    let total = total.max(f64::MIN_POSITIVE);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the network takes 32-bit floats"
    )]
    let shares = sums.iter().map(|sum| (sum / total) as f32);
    shares.collect()
}
