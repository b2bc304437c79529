//! One customer explained: a simulated history of some type, at each level, held against fresh coalitions.

use std::time::Instant;

use serde::Serialize;
use uuid::Uuid;

use crate::error::ValidationError;
use crate::finding::{Explained, Outcome};
use microseg_encoding::{History, Inputs, Step};
use microseg_explain::{
    ExplainError, Explanation, Level, Options, Origin, Policy, TargetExplanation, Verdict,
    explain_and_confirm,
};
use microseg_model::Model;
use microseg_simulation::{Population, SimulatedCustomer};

/// A simulated history as the service reads it.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    customer: &'a SimulatedCustomer<'a>,
    /// A model with other classes reads those that it knows.
    unknown_class: &'static str,
}

impl<'a> Document<'a> {
    fn of(customer: &'a SimulatedCustomer<'a>) -> Self {
        Self {
            customer,
            unknown_class: "skip",
        }
    }
}

/// The most customers whose steps forget gates are measured at.
const MOST_INPUTS: u64 = 100;

/// The levels that a model has parts at, of those that divide all spending.
pub(crate) fn levels(model: &Model) -> Vec<Level> {
    let mut levels = vec![Level::Class, Level::Period, Level::Cell];
    if model.manifest().declaration().step() == Step::Event {
        levels.push(Level::Event);
    }
    levels
}

/// What the network reads of the first customers as they are simulated, a hundred at the most.
pub(crate) fn inputs(
    model: &Model,
    population: &Population,
    customers: u64,
) -> Result<Vec<Inputs>, ValidationError> {
    let mut inputs = Vec::new();
    for customer in 0..customers.min(MOST_INPUTS) {
        let document = serde_json::to_vec(&Document::of(&population.customer(customer)))?;
        if let Ok(history) = model.encoder().read(&document) {
            inputs.push(history.inputs());
        }
    }
    Ok(inputs)
}

/// Explains a customer at each level.
pub(crate) async fn explain(
    model: &Model,
    customer: &SimulatedCustomer<'_>,
    levels: &[Level],
    seed: u64,
) -> Result<Outcome, ValidationError> {
    let document = serde_json::to_vec(&Document::of(customer))?;
    let history = match model.encoder().read_to_explain(&document) {
        Ok(history) => history,
        Err(refused) => return Ok(Outcome::Refused(refused.to_string())),
    };
    let mut explained = Vec::with_capacity(levels.len());
    for &level in levels {
        explained.push(at_level(model, history.clone(), level, seed).await?);
    }
    Ok(Outcome::Explained(explained))
}

async fn at_level(
    model: &Model,
    history: History,
    level: Level,
    seed: u64,
) -> Result<Explained, ExplainError> {
    let options = Options {
        level,
        ..Options::default()
    };
    let policy = Policy::default();
    let origin = Origin {
        id: Uuid::nil(),
        request_id: None,
        started_at: Instant::now(),
    };
    let (explanation, fresh) =
        explain_and_confirm(model, history, &options, policy, seed, origin).await?;
    Ok(summary(level, &explanation, &fresh, policy.fidelity_target))
}

fn summary(
    level: Level,
    explanation: &Explanation,
    fresh: &[Option<f64>],
    threshold: f64,
) -> Explained {
    let verdict = explanation.quality.verdict;
    let targets = explanation.targets.iter().zip(fresh);
    let explained: Vec<_> = targets
        .filter(|(target, _)| has_something(target))
        .collect();
    let values = || {
        explained
            .iter()
            .filter_map(|(target, _)| target.fidelity.values)
    };
    let errors = values().filter_map(|values| values.relative_standard_error);
    // A number that hardly varies may have an error beyond all measure.
    let errors = errors.filter(|error| error.is_finite());
    Explained {
        level: level.name().to_owned(),
        verdict: verdict.name().to_owned(),
        relative_standard_errors: errors.collect(),
        additivity_r2: values().filter_map(|values| values.additivity_r2).collect(),
        is_confirmed: (verdict == Verdict::Ok).then(|| {
            let mut fresh = explained.iter().map(|(_, fresh)| fresh);
            fresh.all(|fresh| fresh.is_some_and(|r2| r2 >= threshold))
        }),
    }
}

/// Whether there is something to explain of a target.
fn has_something(target: &TargetExplanation) -> bool {
    let quality = target.quality.as_ref();
    quality.is_some_and(|quality| quality.verdict != Verdict::NothingToExplain)
}
