//! `/models/{name}`: the tables of a model as pictures.

use axum::Extension;
use axum::response::Response;

use crate::model_selector::NamedModel;
use crate::operation::{Operation, RequiredScope};
use crate::request::Caller;
use crate::{ApiError, pages};
use microseg_pages::model_page;

pub(super) fn operation() -> Operation {
    Operation::get("/models/{name}", RequiredScope::AnyKey, one).page()
}

async fn one(
    Extension(caller): Extension<Caller>,
    NamedModel(model): NamedModel,
) -> Result<Response, ApiError> {
    let documents = pages::model_documents(&model)?;
    pages::page(model_page(&documents, &pages::frame(&caller, "/")))
}
