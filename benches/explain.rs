//! Time of one explanation: 512 perturbations, five traits, about 40 active classes, on one thread of the network.
//!
//! Criterion measures the whole; before it, the parts are printed as medians of the explanations' own timing.

#![allow(clippy::unwrap_used, reason = "a bench that cannot go on has failed")]

use std::path::Path;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use microseg::encoding::History;
use microseg::explain::{Level, Method, Options, Origin, Policy, explain};
use microseg::history::Limits;
use microseg::model::{Capacity, Model};
use microseg::timing::Timing;
use tokio::runtime::Runtime;
use uuid::Uuid;

const BUNDLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/models/spending-personality/1");
const HISTORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/history.json");

struct Bench {
    model: Model,
    history: History,
    runtime: Runtime,
}

impl Bench {
    fn new() -> Self {
        let capacity = Capacity::single(Limits::default());
        let model = Model::load(Path::new(BUNDLE), capacity).unwrap();
        let history = model
            .encoder()
            .read(&std::fs::read(HISTORY).unwrap())
            .unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        Self {
            model,
            history,
            runtime,
        }
    }

    /// One explanation, and the times of its stages.
    fn explain(&self, options: &Options) -> Timing {
        let mut timing = Timing::default();
        let origin = Origin {
            id: Uuid::nil(),
            request_id: None,
            started_at: Instant::now(),
        };
        let history = self.history.clone();
        let policy = Policy::default();
        let explaining = explain(&self.model, history, options, policy, origin, &mut timing);
        std::hint::black_box(self.runtime.block_on(explaining).unwrap());
        timing
    }
}

/// The middle of many measurements, in milliseconds.
fn median(mut durations: Vec<Duration>) -> f64 {
    durations.sort_unstable();
    durations[durations.len() / 2].as_secs_f64() * 1e3
}

fn print_parts(bench: &Bench, name: &str, options: &Options) {
    let timings: Vec<Timing> = (0..200).map(|_| bench.explain(options)).collect();
    let part = |of: fn(&Timing) -> Duration| median(timings.iter().map(of).collect());
    println!(
        "{name:28} perturb {:.3}  network {:.3}  solve {:.3}  judge {:.3}  (queue {:.3})  together {:.3} ms",
        part(|timing| timing.perturb),
        part(|timing| timing.network),
        part(|timing| timing.solve),
        part(|timing| timing.judge),
        part(|timing| timing.queue),
        part(|timing| timing.network + timing.surrogate()),
    );
}

fn explanations(criterion: &mut Criterion) {
    let bench = Bench::new();
    let active = bench.history.totals.spending();
    let active = active
        .columns()
        .into_iter()
        .filter(|column| column.sum() > 0.0);
    println!("a history of {} active classes", active.count());
    for (method, level) in [
        (Method::Lime, Level::Class),
        (Method::Shapley, Level::Class),
        (Method::Sensitivity, Level::Class),
        (Method::GlobalLinear, Level::Class),
        (Method::Lime, Level::Cell),
    ] {
        let options = Options {
            method,
            level,
            ..Options::default()
        };
        let name = format!("{method:?} by {level:?}");
        print_parts(&bench, &name, &options);
        criterion.bench_function(&name, |bencher| bencher.iter(|| bench.explain(&options)));
    }
}

criterion_group!(benches, explanations);
criterion_main!(benches);
