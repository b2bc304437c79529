//! Run of a validation: customers taken in turn by threads, findings put into the journal as they come.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread;

use sha2::{Digest as _, Sha256};
use tokio::runtime::Builder;

use crate::error::ValidationError;
use crate::finding::{Finding, Outcome, Subject};
use crate::journal::{Head, Journal};
use crate::observer::ValidationObserver;
use crate::{forget_gates, subject, table};
use microseg_explain::{Level, METHOD_VERSION, Method, Policy};
use microseg_model::{Model, Validation};
use microseg_simulation::{CustomerType, Population};

/// How much is validated, and by how many threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValidationSettings {
    /// How many customers of each type, at least 1.
    pub customers: u64,
    /// The seed of the customers and of the fresh coalitions: the same seed gives the same table.
    pub seed: u64,
    /// How many explanations are computed at once, at least 1.
    pub threads: usize,
}

/// What all threads share.
struct Work<'a> {
    model: &'a Model,
    population: &'a Population,
    levels: &'a [Level],
    seed: u64,
    subjects: &'a [(CustomerType, u64)],
    next: AtomicUsize,
    is_stopped: AtomicBool,
    observer: &'a dyn ValidationObserver,
}

/// Explains the customers that the journal does not have yet, and adds all up.
///
/// # Errors
/// [`ValidationError`]; what was done until then is in the journal.
pub fn validate(
    model: &Model,
    settings: ValidationSettings,
    journal: &mut Journal,
    observer: &dyn ValidationObserver,
) -> Result<Validation, ValidationError> {
    let levels = subject::levels(model);
    let names: Vec<&str> = levels.iter().map(|level| level.name()).collect();
    let head = head(model, settings.seed, &names);
    let asked = |one: &Finding| one.subject.customer < settings.customers;
    let mut findings = journal.resume(&head)?;
    findings.retain(asked);
    let found: BTreeSet<&Subject> = findings.iter().map(|one| &one.subject).collect();
    let is_new = |(kind, customer): &(CustomerType, u64)| {
        let subject = named(*kind, *customer);
        !found.contains(&subject)
    };
    let all =
        (0..settings.customers).flat_map(|customer| CustomerType::ALL.map(|kind| (kind, customer)));
    let subjects: Vec<(CustomerType, u64)> = all.filter(is_new).collect();
    let done = found.len() as u64;
    observer.planned(subjects.len() as u64 + done, done);

    let population = Population::new(settings.seed)?;
    let work = Work {
        model,
        population: &population,
        levels: &levels,
        seed: settings.seed,
        subjects: &subjects,
        next: AtomicUsize::new(0),
        is_stopped: AtomicBool::new(false),
        observer,
    };
    work.run(settings.threads, journal, &mut findings)?;
    require_any(&findings)?;
    let histories = subject::inputs(model, &population, settings.customers)?;
    let runtime = Builder::new_current_thread().build();
    let runtime = runtime.map_err(ValidationError::Thread)?;
    let forget_gates = runtime.block_on(forget_gates::measure(model, &histories))?;
    Ok(Validation {
        validation_version: Validation::VERSION,
        network_sha256: model.identity().sha256.clone(),
        computed_by: head.computed_by,
        method: Method::default().name().to_owned(),
        method_version: METHOD_VERSION,
        seed: settings.seed,
        customers: settings.customers,
        threshold: head.threshold,
        rows: table::rows(&findings, &names),
        forget_gates,
    })
}

fn head(model: &Model, seed: u64, levels: &[&str]) -> Head {
    let mut digest = Sha256::new();
    digest.update(&model.identity().sha256);
    digest.update(model.encoding_sha256());
    // The baseline is the population's mean basket.
    for share in &model.manifest().space.population().shares.mean {
        digest.update(share.to_bits().to_le_bytes());
    }
    Head {
        computed_by: concat!("microseg ", env!("CARGO_PKG_VERSION")).to_owned(),
        model_sha256: hex::encode(digest.finalize()),
        seed,
        threshold: Policy::default().fidelity_target,
        levels: levels.iter().map(|&level| level.to_owned()).collect(),
    }
}

fn named(kind: CustomerType, customer: u64) -> Subject {
    Subject {
        kind: kind.name().to_owned(),
        customer,
    }
}

/// Refuses a table of nothing.
fn require_any(findings: &[Finding]) -> Result<(), ValidationError> {
    let refused = findings.iter().map(|one| match &one.outcome {
        Outcome::Refused(reason) => Some(reason),
        Outcome::Explained(_) => None,
    });
    let reasons: Option<Vec<&String>> = refused.collect();
    match reasons.as_deref() {
        Some([.., last]) => Err(ValidationError::NothingRead {
            customers: findings.len() as u64,
            reason: (*last).clone(),
        }),
        _ => Ok(()),
    }
}

impl Work<'_> {
    fn run(
        &self,
        threads: usize,
        journal: &mut Journal,
        findings: &mut Vec<Finding>,
    ) -> Result<(), ValidationError> {
        let before = findings.len();
        thread::scope(|scope| {
            let (sender, results) = channel();
            for _ in 0..threads.max(1) {
                let sender = sender.clone();
                let thread = thread::Builder::new().name("explain".to_owned());
                let started = thread.spawn_scoped(scope, move || self.take(&sender));
                if let Err(error) = started {
                    self.is_stopped.store(true, Ordering::Relaxed);
                    return Err(ValidationError::Thread(error));
                }
            }
            drop(sender);
            // The others end with the customers that they have begun.
            let result = results.iter().try_for_each(|finding| {
                let finding = finding?;
                journal.add(&finding)?;
                findings.push(finding);
                self.observer.done();
                Ok(())
            });
            self.is_stopped.store(true, Ordering::Relaxed);
            result
        })?;
        if findings.len() - before < self.subjects.len() {
            return Err(ValidationError::Interrupted);
        }
        Ok(())
    }

    /// Explains one customer after the other, until there is none left.
    fn take(&self, sender: &Sender<Result<Finding, ValidationError>>) {
        let runtime = match Builder::new_current_thread().build() {
            Ok(runtime) => runtime,
            Err(error) => {
                let _ = sender.send(Err(ValidationError::Thread(error)));
                return;
            }
        };
        while !self.is_stopped.load(Ordering::Relaxed) && !self.observer.is_interrupted() {
            let place = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(&(kind, customer)) = self.subjects.get(place) else {
                return;
            };
            let taxonomy = self.model.encoder().taxonomy();
            let simulated = self.population.customer_of_type(customer, kind, taxonomy);
            // Any seed but that of the explanation, which follows from the network and the parts.
            let fresh = self.seed.wrapping_add(customer);
            let outcome = subject::explain(self.model, &simulated, self.levels, fresh);
            let finding = runtime.block_on(outcome).map(|outcome| Finding {
                subject: named(kind, customer),
                outcome,
            });
            if sender.send(finding).is_err() {
                return;
            }
        }
    }
}
