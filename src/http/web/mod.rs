//! Pages for people: the first one with its form, records, models, signing in, and the description of the interface.
//!
//! They load their own style, the page of a kept customer its own script too, and nothing else; all work without scripts.

mod ask;
mod choices;
mod customer;
mod docs;
mod form;
mod home;
mod html;
mod model;
mod questions;
mod records;
mod render;
mod sign_in;
mod static_file;

use serde_json::Value;

use crate::operation::Operation;

/// The operations of the pages; `document` makes the OpenAPI document, once it is asked for.
pub(crate) fn operations(document: fn() -> Value) -> Vec<Operation> {
    let mut operations = docs::operations(document);
    operations.extend([
        home::operation(),
        ask::operation(),
        records::operation(),
        model::operation(),
        customer::operation(),
    ]);
    operations.extend(sign_in::operations());
    operations
}
