//! Open Inference Protocol (V2): profiles as a tensor.

mod error;
mod fault;
mod infer;
mod message;
mod metadata;
mod readiness;
mod served_model;
mod tensor;

pub(crate) use error::{inference_answer, is_inference};

use crate::operation::Operation;

pub(super) fn operations() -> Vec<Operation> {
    let mut operations = metadata::operations();
    operations.extend(readiness::operations());
    operations.extend(infer::operations());
    operations
        .into_iter()
        .map(Operation::inference_problems)
        .collect()
}
