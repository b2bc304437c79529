//! The body of a history, as `POST /v1/score` takes it.

use super::customer::{self, ENCODERS};

/// Reads a history by year and by month.
pub fn run(data: &[u8]) {
    for encoder in ENCODERS.iter() {
        if let Some((json, history)) = customer::read(data, |body| encoder.read(body)) {
            customer::check(&json, &history, encoder);
        }
    }
}
