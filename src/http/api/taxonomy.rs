//! `/v1/models/{name}/taxonomy`: the classes of a model, and the merchant category codes that fall into each.

use axum::Json;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use crate::model_selector::NamedModel;
use crate::operation::{Answer, Operation, RequiredScope, Tag, examples, json, parameters};
use microseg_history::{Class, INCOME_GROUP};
use microseg_model::ModelIdentity;
use microseg_problem::ProblemKind;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/v1/models/{name}/taxonomy", RequiredScope::AnyKey, taxonomy)
            .named("get_taxonomy", Tag::Models, "The classes of a model, and their MCCs")
            .description(
                "What `class` may be in a transaction, and which class a merchant category code (ISO 18245) stands for. A code \
                that is in no class is counted as unclassified.",
            )
            .parameter(parameters::name())
            .parameter(parameters::version())
            .answer(Answer::new(
                200,
                "Spending first, in the order of the network's input; the list is cut short in the example.",
                json::<Document>(example),
            ))
            .problems(&[
                ProblemKind::NotFound,
                ProblemKind::InvalidContent,
                ProblemKind::NotReady,
            ]),
    ]
}

fn example() -> Value {
    json!({
        "model": examples::surrogate()["model"],
        "classes": [
            {"id": "groceries", "title": "Groceries", "group": "food", "income": false, "mcc": ["5300", "5411"]},
            {"id": "airlines", "title": "Airlines", "group": "travel", "income": false, "mcc": ["3000-3302", "4511"]},
        ],
    })
}

/// The classes of a model.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Taxonomy")]
struct Document<'a> {
    /// The model that they are of.
    model: &'a ModelIdentity,
    /// Spending first, in the order of the network's input.
    classes: Vec<TaxonomyClass<'a>>,
}

/// A class with its codes.
#[derive(JsonSchema, Serialize)]
struct TaxonomyClass<'a> {
    /// The name, as transactions give it.
    id: &'a str,
    /// The class as people read it.
    title: &'a str,
    /// Which group of classes it belongs to.
    group: &'a str,
    /// Whether it is money coming in, which is not spending.
    income: bool,
    /// The merchant category codes of the class: single ones, and ranges with both ends.
    #[schemars(example = ["5300", "5411"])]
    mcc: Vec<String>,
}

async fn taxonomy(NamedModel(model): NamedModel) -> Response {
    let taxonomy = model.encoder().taxonomy();
    let all = taxonomy.classes().iter().chain(taxonomy.income_classes());
    let document = Document {
        model: model.identity(),
        classes: all.map(TaxonomyClass::of).collect(),
    };
    Json(document).into_response()
}

impl<'a> TaxonomyClass<'a> {
    fn of(class: &'a Class) -> Self {
        let codes = class
            .mcc
            .iter()
            .map(|codes| match (codes.start(), codes.end()) {
                (first, last) if first == last => format!("{first:04}"),
                (first, last) => format!("{first:04}-{last:04}"),
            });
        Self {
            id: &class.id,
            title: &class.title,
            group: &class.group,
            income: class.group == INCOME_GROUP,
            mcc: codes.collect(),
        }
    }
}
