//! `/`: what this is, the models, and the form that explains a history.

use axum::Extension;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use serde::Deserialize;

use super::choices::{choices, wishes};
use super::docs::page_content;
use super::form::Form;
use super::questions::fields;
use crate::ApiError;
use crate::operation::{Answer, Operation, RequiredScope, Tag};
use crate::pages;
use crate::request::{Caller, parse_query};
use crate::state::Models;
use microseg_access::Scope;
use microseg_model::Model;
use microseg_pages::{Home, ListedModel, ProblemText, home_page};
use microseg_problem::Problem;

/// The history that the page offers.
const EXAMPLE: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../examples/history.json"
));

/// A history beyond this is not shown again when it was refused, in bytes.
const SHOWN_AGAIN: usize = 256 * 1024;

pub(super) fn operation() -> Operation {
    Operation::get("/", RequiredScope::Public, home)
        .named(
            "get_page",
            Tag::Operations,
            "Explain a history in a browser",
        )
        .description("The first page for people. `/docs` describes the interface.")
        .answer(Answer::new(200, "The page.", page_content()))
}

#[derive(Deserialize)]
struct HomeQuery {
    example: Option<String>,
}

async fn home(
    State(models): State<Models>,
    Extension(caller): Extension<Caller>,
    address: Uri,
) -> Result<Response, ApiError> {
    let query = parse_query::<HomeQuery>(&address);
    let mut form = Form::default();
    if query.is_some_and(|query| query.example.is_some()) {
        form.history = EXAMPLE.into();
    }
    let home = filled(&models, &caller, &form, None);
    pages::page(home_page(&home, &pages::frame(&caller, "/")))
}

/// The page with a form as it was sent, and why that was refused.
pub(super) fn filled(
    models: &Models,
    caller: &Caller,
    form: &Form,
    problem: Option<&Problem>,
) -> Home {
    let may_look = caller.check(RequiredScope::AnyKey).is_ok();
    let served = models.registry().ok().map(|registry| registry.served());
    let served = served.filter(|_| may_look);
    let history = Some(&form.history).filter(|history| history.len() <= SHOWN_AGAIN);
    Home {
        may_look,
        may_explain: caller.check(Scope::Explain.into()).is_ok(),
        models: served.as_ref().map_or(Vec::new(), |served| {
            served.models().map(|model| listed(model)).collect()
        }),
        history: history.map_or(String::new(), |history| {
            String::from_utf8_lossy(history).into_owned()
        }),
        choices: served
            .as_ref()
            .map_or(Vec::new(), |served| choices(served, form)),
        wish: served.as_ref().map(|served| wishes(served, form)),
        fields: fields(|name| form.choice(name).unwrap_or_default().to_owned()),
        problem: problem.map(|problem| ProblemText {
            title: problem.kind().title().to_owned(),
            detail: problem.detail().to_owned(),
        }),
    }
}

fn listed(model: &Model) -> ListedModel {
    let (identity, manifest) = (model.identity(), model.manifest());
    let of_step = manifest
        .most_steps()
        .map_or(String::new(), |most| format!("the last {most} steps, "));
    ListedModel {
        about: format!(
            "reads {of_step}{} classes; gives {}, and a state of {} dimensions",
            manifest.classes.len(),
            manifest.outputs.join(", "),
            manifest.hidden_size()
        ),
        href: format!("/models/{}?version={}", identity.name, identity.version),
        name: identity.name.clone(),
        version: identity.version.clone(),
    }
}
