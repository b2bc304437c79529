//! Protocols that platforms and their clients speak: KServe V1 on histories, and the Open Inference Protocol on profiles.

mod kserve;
mod object;
mod open_inference;

use crate::operation::Operation;

pub(crate) use open_inference::{inference_answer, is_inference};

/// The operations of both.
pub(crate) fn operations() -> Vec<Operation> {
    let mut operations = kserve::operations();
    operations.extend(open_inference::operations());
    operations
}
