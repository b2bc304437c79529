//! Latency of one sequence: a scoring on a scoring thread, and a part of an explanation on a network thread.

#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a bench that cannot go on has failed"
)]

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use microseg::history::Limits;
use microseg::model::{Capacity, Model, Priority};
use microseg::runtime::Batch;
use ndarray::Array3;

const BUNDLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/models/spending-personality/1");

fn batching(criterion: &mut Criterion) {
    let model = Model::load(Path::new(BUNDLE), Capacity::single(Limits::default())).unwrap();
    let manifest = model.manifest();
    let inputs = Array3::zeros((
        1,
        manifest.most_steps().unwrap_or(1),
        manifest.classes.len(),
    ));
    let batch = Batch::new(inputs);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut group = criterion.benchmark_group("batching");
    for (name, priority) in [
        ("scoring thread", Priority::Score),
        ("network thread", Priority::Explain),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let run = runtime.block_on(model.run(priority, batch.clone()));
                black_box(run.unwrap());
            });
        });
    }
    group.finish();
}

criterion_group!(benches, batching);
criterion_main!(benches);
