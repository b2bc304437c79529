//! Batch invariance of the reference network: its numbers do not depend on the other sequences of the batch.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::join_all;
use microseg::history::Limits;
use microseg::model::{Batch, Capacity, Model, Priority, RunError, Trajectories};
use ndarray::{Array3, Axis, Slice, concatenate};
use test_support::bundle_copy::BundleCopy;
use test_support::faulty_network::{LOOPS_ON_POISON, network_with, network_with_end};

const CLASSES: usize = 97;
const PERIODS: usize = 6;

fn model(threads: usize, queue: usize) -> Model {
    let bundle = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/spending-personality/1");
    Model::load(
        &bundle,
        Capacity {
            threads,
            queue,
            ..Capacity::single(Limits::default())
        },
    )
    .unwrap()
}

/// Profiles without any pattern, `[customers, PERIODS, CLASSES]`.
fn profiles(customers: usize) -> Array3<f32> {
    let mut state = 1_u32;
    let mut inputs = Array3::from_shape_simple_fn((customers, PERIODS, CLASSES), || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f32::from(u16::try_from(state >> 16).unwrap())
    });
    for mut row in inputs.rows_mut() {
        let sum = row.sum();
        row /= sum;
    }
    inputs
}

async fn run(model: &Model, inputs: Array3<f32>) -> Trajectories {
    model
        .run(Priority::Explain, Batch::new(inputs))
        .await
        .unwrap()
        .trajectories
}

fn bits(numbers: &Array3<f32>) -> Vec<u32> {
    numbers.iter().map(|number| number.to_bits()).collect()
}

fn cell(trajectories: &Trajectories) -> Vec<u32> {
    bits(trajectories.recurrent_state.get("c").unwrap())
}

/// The first half of every sequence.
fn first_steps(steps: &Array3<f32>) -> Array3<f32> {
    steps.slice_axis(Axis(1), Slice::from(..3)).to_owned()
}

#[tokio::test]
async fn sequence_has_the_same_bits_in_any_batch_and_at_any_place() {
    let model = model(2, 64);
    let inputs = profiles(512);
    let together = run(&model, inputs.clone()).await;
    for size in [1, 2, 3, 7, 64, 129] {
        let mut states = Vec::new();
        let mut outputs = Vec::new();
        for portion in inputs.axis_chunks_iter(Axis(0), size) {
            let part = run(&model, portion.to_owned()).await;
            states.push(part.states);
            outputs.push(part.outputs);
        }
        let join = |parts: &[Array3<f32>]| {
            concatenate(Axis(0), &parts.iter().map(Array3::view).collect::<Vec<_>>()).unwrap()
        };
        assert_eq!(
            bits(&join(&states)),
            bits(&together.states),
            "batches of {size}"
        );
        assert_eq!(
            bits(&join(&outputs)),
            bits(&together.outputs),
            "batches of {size}"
        );
    }
}

#[tokio::test]
async fn waiting_scorings_run_together_with_the_same_bits() {
    const CUSTOMERS: usize = 300;
    let model = model(1, CUSTOMERS);
    assert_eq!(model.batch_limit(PERIODS), 128);
    let inputs = profiles(CUSTOMERS);
    let score = |inputs| model.run(Priority::Score, Batch::new(inputs));
    let mut alone = Vec::new();
    for input in inputs.axis_chunks_iter(Axis(0), 1) {
        alone.push(score(input.to_owned()).await.unwrap().trajectories);
    }
    let before = model.metrics().runs();
    let waiting = inputs.axis_chunks_iter(Axis(0), 1);
    let waiting = join_all(waiting.map(|input| score(input.to_owned()))).await;
    // All are queued by the first poll: the thread may take a few before, and the others fill three batches.
    let runs = model.metrics().runs() - before;
    assert!(runs < 30, "{runs} runs for {CUSTOMERS} scorings");
    for (together, alone) in waiting.into_iter().zip(alone) {
        let together = together.unwrap().trajectories;
        assert_eq!(bits(&together.states), bits(&alone.states));
        assert_eq!(bits(&together.outputs), bits(&alone.outputs));
        assert_eq!(cell(&together), cell(&alone));
    }
}

#[tokio::test]
async fn states_do_not_depend_on_later_steps() {
    let model = model(2, 64);
    let inputs = profiles(4);
    let whole = run(&model, inputs.clone()).await;
    let start = run(&model, first_steps(&inputs)).await;
    assert_eq!(bits(&start.states), bits(&first_steps(&whole.states)));
}

#[tokio::test]
async fn cancelled_batch_is_not_run() {
    let model = model(1, 1_024);
    let large = model.run(Priority::Explain, Batch::new(profiles(8_192)));
    let abandon = async {
        for _ in 0..500 {
            // Queued by the first poll, and given up at once.
            assert!(
                model
                    .run(Priority::Score, Batch::new(profiles(1)))
                    .now_or_never()
                    .is_none()
            );
        }
    };
    // The one thread is busy with the large batch while the others are queued and dropped.
    let (done, ()) = tokio::join!(large, abandon);
    assert!(done.is_ok());
    run(&model, profiles(1)).await;
    assert!(
        model.metrics().runs() < 100,
        "{} of 502 batches were run",
        model.metrics().runs()
    );
}

#[tokio::test]
async fn cancelled_first_member_does_not_cancel_the_others() {
    let model = model(1, 64);
    let score = || Box::pin(model.run(Priority::Score, Batch::new(profiles(1))));
    let (mut first, mut second) = (score(), score());
    // Queued by the first poll: the first has begun a batch and would wake a thread at the next poll; the second has joined.
    assert!((&mut first).now_or_never().is_none());
    assert!((&mut second).now_or_never().is_none());
    drop(first);
    let answered = tokio::time::timeout(Duration::from_secs(30), second).await;
    assert!(answered.is_ok_and(|run| run.is_ok()));
    assert_eq!(model.metrics().runs(), 1);
}

#[tokio::test]
async fn waiting_batch_is_joined_by_others() {
    let model = model(1, 64);
    let score = |inputs| Box::pin(model.run(Priority::Score, Batch::new(inputs)));
    let short = || first_steps(&profiles(1));
    let (mut first, mut second, mut third) = (score(profiles(1)), score(short()), score(short()));
    // Each is queued by its first poll, and wakes no thread before its second one. The second, of another length, begins
    // another batch.
    for waiting in [&mut first, &mut second, &mut third] {
        assert!(waiting.now_or_never().is_none());
    }
    assert_eq!(model.metrics().runs(), 0);
    let (first, second, third) = tokio::join!(first, second, third);
    assert!(first.is_ok() && second.is_ok() && third.is_ok());
    assert_eq!(model.metrics().runs(), 2);
}

#[tokio::test]
async fn full_queue_is_busy_at_once() {
    let model = model(1, 1);
    let large = model.run(Priority::Score, Batch::new(profiles(8_192)));
    let more = async {
        let answers = (0..100).filter_map(|_| {
            model
                .run(Priority::Score, Batch::new(profiles(1)))
                .now_or_never()
        });
        answers
            .filter(|answer| matches!(answer, Err(RunError::Busy)))
            .count()
    };
    let (done, refused) = tokio::join!(large, more);
    assert!(done.is_ok());
    assert!(refused > 0, "none of 100 was refused");
}

#[tokio::test]
async fn hung_run_is_an_error_and_the_next_one_has_another_thread() {
    let copy = BundleCopy::make();
    copy.replace("model.pt", &network_with(LOOPS_ON_POISON));
    let capacity = Capacity {
        network_timeout: Some(Duration::from_secs(3)),
        ..Capacity::single(Limits::default())
    };
    let model = Model::load(&copy.bundle(), capacity).unwrap();
    let mut poison = Array3::zeros((1, PERIODS, CLASSES));
    poison[(0, 0, 0)] = 0.618;
    for priority in [Priority::Score, Priority::Explain, Priority::Bulk] {
        let hung = model.run(priority, Batch::new(poison.clone())).await;
        assert_eq!(hung.unwrap_err(), RunError::Hung);
        let next = model.run(priority, Batch::new(profiles(1))).await;
        assert!(next.is_ok());
    }
}

#[tokio::test]
async fn network_that_rounds_otherwise_in_batches_runs_in_batches_without_effect() {
    // PyTorch's own sigmoid and matrix product, as most networks have them.
    let copy = BundleCopy::make();
    copy.replace(
        "model.pt",
        &network_with_end(
            "    _3 = torch.sigmoid(torch.linear(states, weight, bias))\n    return (states, _3, h0, c0)",
        ),
    );
    let model = Model::load(&copy.bundle(), Capacity::single(Limits::default())).unwrap();
    let inputs = profiles(256);
    let mut together = Vec::new();
    for portion in inputs.axis_chunks_iter(Axis(0), model.batch_limit(PERIODS)) {
        together.extend(bits(&run(&model, portion.to_owned()).await.outputs));
    }
    let mut alone = Vec::new();
    for one in inputs.axis_chunks_iter(Axis(0), 1) {
        alone.extend(bits(&run(&model, one.to_owned()).await.outputs));
    }
    assert!(
        together == alone,
        "in batches of {}",
        model.batch_limit(PERIODS)
    );
}
