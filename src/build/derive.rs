//! From what the survey found to the tables.

use indicatif::ProgressBar;

use super::attractors::{self, Held, Search};
use super::hierarchy::LEAST_MEMBERS;
use super::recipe::Ingredients;
use super::survey::{Ending, Findings, Journey};
use super::{BuildError, FEWEST_CUSTOMERS, recovery, segments, surrogate};
use microseg_space::{
    AttractorsDocument, GlobalSurrogate, Population, SegmentsDocument, SurrogateDocument,
};

/// Everything that the population says of the network.
pub(super) struct Derived {
    pub(super) population: Population,
    pub(super) segments: SegmentsDocument,
    pub(super) attractors: AttractorsDocument,
    pub(super) surrogate: SurrogateDocument,
    /// Held-out customers' ways, from which golden cases can be made.
    pub(super) journeys: Vec<Journey>,
}

/// Derives every table.
pub(super) fn derive(
    ingredients: &Ingredients,
    mut findings: Findings,
    progress: &ProgressBar,
) -> Result<Derived, BuildError> {
    let Ingredients {
        recipe,
        network,
        taxonomy,
        outputs,
        comparators,
        relations,
        ..
    } = ingredients;
    let customers = findings.fitted + findings.held_out;
    if customers < FEWEST_CUSTOMERS {
        return Err(BuildError::Customers(customers));
    }
    let population = population(&findings);
    let journeys = findings.journeys.take();

    progress.set_message("fitting the global surrogate");
    let mut fitted = surrogate::fit(&findings, &journeys, network.shape())?;
    fitted.recovery.rule = recovery::of_rule(&fitted, taxonomy, outputs);
    fitted.recovery.relations = relations.as_ref().and_then(|relations| {
        let shares = &population.shares;
        recovery::of_relations(&fitted, relations, taxonomy, outputs, shares, recipe.seed)
    });
    let surrogate = GlobalSurrogate::new(fitted, network.shape())?;

    progress.set_message("finding micro-segments");
    let endings = findings.endings.take();
    let labels: Vec<&str> = comparators.iter().map(|one| one.label.as_str()).collect();
    let found = segments::find(&endings, &labels, &population, outputs, recipe.seed);

    progress.set_message("looking for attractors");
    let held = held_profiles(&endings, &found);
    let search = Search {
        network: &**network,
        endings: &endings,
        surrogate: &surrogate,
        population: &population,
        names: outputs,
        seed: recipe.seed,
    };
    let attractors = attractors::search(&search, held, progress)
        .map_err(|source| ingredients.network_fault(source))?;
    Ok(Derived {
        segments: found.document,
        attractors,
        surrogate: surrogate.document().clone(),
        population,
        journeys,
    })
}

fn population(findings: &Findings) -> Population {
    Population {
        customers: findings.fitted + findings.held_out,
        periods: findings.periods,
        transactions: findings.transactions,
        shares: findings.shares.spread(),
        states: findings.states.spread(),
        final_states: findings.final_states.spread(),
        outputs: findings.outputs.spread(),
        final_outputs: findings.final_outputs.spread(),
    }
}

/// The mean last profile of everybody, and of each leaf with enough customers.
fn held_profiles(endings: &[Ending], segments: &segments::Found) -> Vec<Held> {
    let mut held = vec![Held {
        name: "population".to_owned(),
        profile: mean_profile(endings.iter()),
    }];
    for (leaf, id) in segments.leaf_ids.iter().enumerate() {
        let members = endings.iter().zip(&segments.leaf_of_ending);
        let members: Vec<&Ending> = members
            .filter(|(_, of)| **of == leaf)
            .map(|(ending, _)| ending)
            .collect();
        let profile = mean_profile(members.iter().copied());
        // The mean of a few would tell of each of them.
        if members.len() >= LEAST_MEMBERS {
            held.push(Held {
                name: id.clone(),
                profile,
            });
        }
    }
    held
}

/// The mean of the last profiles, as shares; empty without anybody.
fn mean_profile<'e>(endings: impl Iterator<Item = &'e Ending>) -> Vec<f32> {
    let mut sums: Vec<f64> = Vec::new();
    for ending in endings {
        sums.resize(ending.profile.len(), 0.0);
        let shares = ending.profile.iter().copied().map(f64::from);
        sums.iter_mut()
            .zip(shares)
            .for_each(|(sum, share)| *sum += share);
    }
    let total = sums.iter().sum::<f64>().max(f64::MIN_POSITIVE);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the network takes 32-bit floats"
    )]
    let shares = sums.iter().map(|sum| (sum / total) as f32);
    shares.collect()
}
