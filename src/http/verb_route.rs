//! Route of several resources that a verb behind the last parameter tells apart: `/v1/models/{name}:predict`.

use std::collections::BTreeMap;

use axum::Extension;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::handler::Handler as _;
use axum::http::Method;
use axum::middleware::{Next, from_fn};
use axum::response::IntoResponse as _;
use axum::routing::{MethodRouter, any};

use crate::operation::Operation;
use crate::request::Caller;
use crate::{ApiError, App};

/// The operations of one route: those of the resource itself, and those of each verb behind its name.
#[derive(Clone, Default)]
pub(crate) struct VerbRoute {
    resource: MethodRouter<App>,
    of_verbs: BTreeMap<&'static str, MethodRouter<App>>,
}

impl VerbRoute {
    /// Adds an operation of this route.
    pub(crate) fn add(&mut self, operation: Operation) {
        let scope = operation.scope;
        match operation.verb() {
            None => merge(&mut self.resource, operation.handler),
            Some(verb) => {
                // The layers before this one do not know the verb.
                let check = from_fn(
                    move |Extension(caller): Extension<Caller>, request: Request, next: Next| {
                        let checked = caller.check(scope);
                        async move {
                            checked?;
                            Ok::<_, ApiError>(next.run(request).await)
                        }
                    },
                );
                let of_verb = self.of_verbs.entry(verb).or_default();
                merge(of_verb, operation.handler.route_layer(check));
            }
        }
    }

    /// The route; each resource and each verb answers 405 with its own methods.
    pub(crate) fn into_method_router(mut self) -> MethodRouter<App> {
        for router in self.of_verbs.values_mut().chain([&mut self.resource]) {
            *router = std::mem::take(router).fallback(async || ApiError::MethodNotAllowed);
        }
        any(
            async move |State(app): State<App>,
                        path: Result<Path<String>, PathRejection>,
                        request: Request| {
                match self.router_of(&path, request.method()) {
                    Ok(router) => router.clone().call(request, app).await,
                    Err(error) => error.into_response(),
                }
            },
        )
    }

    fn router_of(
        &self,
        path: &Result<Path<String>, PathRejection>,
        method: &Method,
    ) -> Result<&MethodRouter<App>, ApiError> {
        let path = path.as_ref().map_or("", |Path(path)| path.as_str());
        let Some((_, verb)) = path.rsplit_once(':') else {
            return Ok(&self.resource);
        };
        match self.of_verbs.get(verb) {
            Some(router) => Ok(router),
            // Names have no colon: this is a verb that is not known.
            None if method == Method::POST => Err(ApiError::NotFound),
            None => Ok(&self.resource),
        }
    }
}

fn merge(router: &mut MethodRouter<App>, other: MethodRouter<App>) {
    *router = std::mem::take(router).merge(other);
}
