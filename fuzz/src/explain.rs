//! The body of `POST /v1/explain`: a history, and what is asked about it.

use microseg::explain::Options;

use super::customer::{self, ENCODERS};

/// Reads a history with options; what was understood of them reads the same when it is written down.
pub fn run(data: &[u8]) {
    let [encoder, _] = &*ENCODERS;
    let read = |body: &[u8]| encoder.read_with::<Options>(body, "explain");
    let Some((_, (_, Some(options)))) = customer::read(data, read) else {
        return;
    };
    assert!((32..=8_192).contains(&options.samples.get()));
    assert!((1..=1_000).contains(&options.top.get()));
    assert!(options.reasons.get() <= 20);
    assert!(options.seed.is_none_or(|seed| seed.get() < 1 << 53));
    assert!(
        options
            .deadline_ms
            .is_none_or(|deadline| (1..=600_000).contains(&deadline.get()))
    );
    assert!(
        options
            .fidelity_target
            .is_none_or(|target| (0.0..=1.0).contains(&target.get()))
    );
    let written = serde_json::to_vec(&options).map(|text| serde_json::from_slice(&text));
    match written {
        Ok(Ok(again)) => assert_eq!(options, again),
        refused => panic!("options do not read as they were written: {refused:?}"),
    }
}
