//! Lower bound of the time of any such server: reading the bytes into nothing, and the network alone at its best batch.
//!
//! `cargo bench --bench floor -- [--json] FILE...` reads each file for itself and gives times in microseconds.

#![allow(clippy::unwrap_used, reason = "a bench that cannot go on has failed")]

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use microseg::runtime::{Batch, KnownSizes, Network, backend_for_file};
use ndarray::Array3;
use serde::de::IgnoredAny;
use serde_json::json;

const BUNDLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/models/spending-personality/1");

const BATCHES: [usize; 7] = [1, 8, 32, 64, 128, 256, 512];

/// How many periods the histories have, and the bundle's window.
const PERIODS: usize = 6;

/// Of each measurement, after as many as it takes to get warm.
const LASTING: Duration = Duration::from_millis(400);

/// The fewest runs of a measurement.
const RUNS: usize = 11;

fn main() {
    let mut json = false;
    let mut paths = Vec::new();
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--json" => json = true,
            // cargo adds this one.
            "--bench" => {}
            path => paths.push(path.to_owned()),
        }
    }

    let files: Vec<_> = paths
        .iter()
        .map(|path| (path, read(&std::fs::read(path).unwrap())))
        .collect();
    let network = network();
    let batches: Vec<_> = BATCHES
        .iter()
        .map(|&size| (size, run(&*network, size)))
        .collect();
    let (best, fastest) = batches
        .iter()
        .copied()
        .min_by(|(_, one), (_, other)| one.total_cmp(other))
        .unwrap();

    if json {
        let document = json!({
            "read": files.iter().map(|(path, time)| json!({"file": path, "microseconds": time})).collect::<Vec<_>>(),
            "network": batches
                .iter()
                .map(|(size, time)| json!({"batch": size, "microseconds_each": time}))
                .collect::<Vec<_>>(),
            "best_batch": best,
            "network_microseconds_each": fastest,
        });
        println!("{document}");
        return;
    }
    for (path, time) in &files {
        println!("read {path}: {time:.1} µs");
    }
    for (size, time) in &batches {
        println!("network, batch of {size}: {time:.2} µs each");
    }
}

/// Reading a document into nothing.
fn read(bytes: &[u8]) -> f64 {
    median(|| {
        black_box(serde_json::from_slice::<IgnoredAny>(black_box(bytes)).unwrap());
    })
}

/// The network for one sequence of a batch of `size`.
#[expect(clippy::cast_precision_loss, reason = "batches are small")]
fn run(network: &dyn Network, size: usize) -> f64 {
    let classes = network.shape().numbers;
    // A quarter of the classes with equal shares; what the numbers are changes no time.
    let share = 4.0 / classes as f32;
    let inputs = Array3::from_shape_fn((size, PERIODS, classes), |(_, _, class)| {
        if class % 4 == 0 { share } else { 0.0 }
    });
    let batch = Batch::new(inputs);
    median(|| {
        black_box(network.run(black_box(&batch)).unwrap());
    }) / size as f64
}

fn network() -> Box<dyn Network> {
    let bundle = Path::new(BUNDLE);
    let manifest = std::fs::read(bundle.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    let classes = manifest["classes"].as_array().unwrap().len();
    let file = bundle.join("model.pt");
    let bytes = std::fs::read(&file).unwrap();
    let backend = backend_for_file(&file);
    backend
        .discover(&bytes, classes, KnownSizes::default())
        .unwrap()
}

/// The middle of many runs, in microseconds.
fn median(mut work: impl FnMut()) -> f64 {
    let mut times = Vec::new();
    let begun = Instant::now();
    while times.len() < 2 * RUNS || begun.elapsed() < 2 * LASTING {
        let start = Instant::now();
        work();
        times.push(start.elapsed());
    }
    // The first half was to get warm.
    let mut times = times.split_off(times.len() / 2);
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e6
}
