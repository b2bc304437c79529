//! Documents of a model as its pages read them: the members of `GET /v1/models/{name}` and of its tables.

use serde::Serialize;
use serde_json::{Value, json};

use crate::ApiError;
use microseg_model::{Model, design_names};
use microseg_pages::ModelDocuments;

/// A document as a value.
///
/// # Errors
/// [`ApiError::Document`] when it cannot be written.
pub(crate) fn value(document: impl Serialize) -> Result<Value, ApiError> {
    Ok(serde_json::to_value(document)?)
}

/// All documents of a model.
///
/// # Errors
/// As [`value`].
pub(crate) fn model_documents(model: &Model) -> Result<ModelDocuments, ApiError> {
    let manifest = model.manifest();
    let space = &manifest.space;
    let outputs = &manifest.outputs;
    let table = |table: Value| {
        let mut table = table;
        table["outputs"] = json!(outputs);
        if model.reads_shares_alone() {
            table["classes"] = json!(manifest.classes);
        }
        table["inputs"] = json!(design_names(manifest.declaration(), manifest.shape()));
        table["final_states"] = json!(space.population().final_states);
        table
    };
    let classes = model.encoder().taxonomy().classes().iter();
    let classes: Vec<Value> = classes
        .map(|class| json!({"id": class.id, "title": class.title}))
        .collect();
    let identity = model.identity();
    Ok(ModelDocuments {
        model: json!({
            "name": identity.name,
            "version": identity.version,
            "sha256": identity.sha256,
            "period": manifest.period(),
            "hidden_size": manifest.hidden_size(),
            "outputs": outputs,
            "classes": classes,
            "population": space.population(),
            "provenance": manifest.provenance,
            "validation": model.validation(),
        }),
        segments: table(value(space.segments().document())?),
        attractors: table(value(space.attractors().document())?),
        surrogate: Some(table(value(space.surrogate().document())?)),
    })
}
