//! Open Inference Protocol (V2): profiles as a tensor.

mod error;
mod infer;
mod message;
mod metadata;
mod readiness;
mod served_model;
mod tensor;

use crate::operation::Operation;

pub(super) fn operations() -> Vec<Operation> {
    let mut operations = metadata::operations();
    operations.extend(readiness::operations());
    operations.extend(infer::operations());
    operations
}
