//! `/v1/explanations`: recorded explanations, fetched, listed, verified, erased.

pub(super) mod id;
mod list;
pub(crate) mod record;
pub(crate) mod schemas;
mod verify;

use crate::operation::Operation;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        list::operation(),
        record::operation(),
        record::chart_operation(),
        verify::operation(),
        record::erasure(),
    ]
}
