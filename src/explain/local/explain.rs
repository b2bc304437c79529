//! One explanation by a local method: perturbations of the customer, drawn, run, fitted and tested.

use std::time::Instant;

use super::customer::Customer;
use super::local_method::Standard;
use super::neighbourhood::Neighbourhood;
use super::outcome::{self, Outcome};
use super::random::{Generator, Stream};
use super::sampling::Samples;
use super::task::Task;
use super::{fresh, removals, screening, seed};
use crate::baseline::BaselineKind;
use crate::change::Change;
use crate::document::BeforeToken;
use crate::error::ExplainError;
use crate::findings::{Findings, LinearModel};
use crate::method_version::MethodVersion;
use crate::since::SinceFault;
use crate::subject::Subject;
use crate::target::{Reader, Source};
use microseg_model::Model;
use microseg_timing::Timing;

/// The network's numbers for the customer and around them.
struct Numbers {
    /// One a target.
    customer: Vec<f64>,
    /// Without any spending, one a target.
    absent: Vec<f64>,
    /// At the other end of a change, one a target.
    other_end: Option<Vec<f64>>,
    /// With more of each part alone, one row a part; `None` for a method without counterfactuals.
    counterfactuals: Option<Vec<f64>>,
    /// Without each part alone, a row of targets where it was measured; empty where none was.
    removals: Vec<Option<Vec<f64>>>,
}

/// Draws perturbations of the customer, fits a surrogate for each target to most of them and tests it on the rest.
pub(crate) async fn explain(
    model: &Model,
    task: &Task<'_>,
    timing: &mut Timing,
) -> Result<Findings, ExplainError> {
    let method = task.method;
    let ends = (task.baseline, task.change);
    let whole = Customer::run(model, task.subject, ends, timing).await?;
    let other_end = match task.change {
        Some(change) => Some(whole.other_end(change, timing).await?),
        None => None,
    };
    let mut reader = task.targets.reader(model, whole.trajectory());
    if let Some(end) = &other_end {
        reader.compare_with(end);
    }
    let customer = reader.in_scoring(whole.trajectory());
    let way = (task.level, method);
    let around = screening::neighbourhood(&whole, way, &reader, &customer, timing).await?;

    if task.change.is_some() && around.parts().is_empty() {
        return Err(SinceFault::Nothing.into());
    }

    let begun = Instant::now();
    let network = &model.identity().sha256;
    let derived = || match task.version {
        MethodVersion::One => seed::of_input(task.input_sha256, network),
        MethodVersion::Two => seed::of_parts(network, around.parts()),
    };
    let seed = task.seed.unwrap_or_else(derived);
    let mut generator = Generator::new(seed, Stream::Perturbations);
    let plan = method.draw(&mut generator, around.parts().len(), task.samples);
    timing.perturb += begun.elapsed();

    let mut samples = Samples::new(&around, method, &plan, customer.clone());
    let parts = around.parts();
    let outcome = outcome::find(task, parts, seed, &plan, &mut samples, timing).await?;
    let removals = match task.version {
        MethodVersion::Two if method.has_kernel() => {
            removals::measure(&around, &samples, &outcome, task.reasons, timing).await?
        }
        _ => Vec::new(),
    };
    let fresh = match task.fresh {
        Some(seed) if method.standard() == Standard::StandardErrors => {
            fresh::explained(&around, &outcome, (seed, task.samples), timing).await?
        }
        _ => Vec::new(),
    };
    let counterfactuals = match method.counterfactual() {
        Some(factor) => Some(around.one_at_a_time(factor, timing).await?),
        None => None,
    };

    let begun = Instant::now();
    let numbers = Numbers {
        absent: samples.absent().to_vec(),
        customer,
        counterfactuals,
        removals,
        other_end: other_end.map(|end| reader.in_scoring(&end)),
    };
    let findings = Findings {
        fresh,
        ..findings(task, &around, &reader, &numbers, outcome)
    };
    timing.judge += begun.elapsed();
    Ok(findings)
}

fn findings(
    task: &Task<'_>,
    around: &Neighbourhood<'_>,
    reader: &Reader<'_>,
    numbers: &Numbers,
    outcome: Outcome,
) -> Findings {
    let baseline = match (task.change, task.method.baseline()) {
        (Some(change), _) => around.divided.other_end(change),
        (None, own) if own.kind == BaselineKind::Own => around.divided.own(own),
        (None, _) => around.divided.absence(),
    };
    let base_values = match (baseline.kind, &numbers.other_end) {
        (_, Some(other_end)) => other_end,
        (BaselineKind::Own, None) => &numbers.customer,
        (_, None) => &numbers.absent,
    };
    let surrogates = outcome.surrogates.into_iter().zip(reader.sources());
    let models = surrogates
        .enumerate()
        .map(|(target, (surrogate, source))| LinearModel {
            segment: reader.segment(source).map(str::to_owned),
            value: numbers.customer[target],
            base_value: base_values[target],
            is_changed: task.change.is_some(),
            rival: reader.rival(source).map(str::to_owned),
            counterfactuals: numbers.counterfactuals_of(target, source),
            removals: numbers.removals_of(target, source),
            surrogate,
        });
    Findings {
        models: models.collect(),
        baseline,
        drawing: Some(outcome.drawing),
        untested: outcome.untested,
        parts: around.parts().to_vec(),
        pruned: around.pruned,
        cut: task.change.and_then(Change::cut),
        before_token: before_token(task.subject),
        fresh: Vec::new(),
    }
}

/// What the answer says of the transactions before those of a token.
fn before_token(subject: Subject<'_>) -> Option<BeforeToken> {
    match subject {
        Subject::Totals(_) => None,
        Subject::Transactions(history) => history.before.map(|before| BeforeToken {
            events: before.transactions(),
            is_part: before.is_part,
        }),
    }
}

impl Numbers {
    /// A target's counterfactuals as a scoring prints them, one a part.
    fn counterfactuals_of(&self, target: usize, source: Source) -> Option<Vec<f64>> {
        let targets = self.customer.len();
        let numbers = self.counterfactuals.as_ref()?.iter();
        let numbers = numbers.skip(target).step_by(targets);
        Some(numbers.map(|&number| source.in_scoring(number)).collect())
    }

    /// A target's numbers without each part alone as a scoring prints them.
    fn removals_of(&self, target: usize, source: Source) -> Vec<Option<f64>> {
        let numbers = self.removals.iter();
        numbers
            .map(|row| Some(source.in_scoring(row.as_ref()?[target])))
            .collect()
    }
}
