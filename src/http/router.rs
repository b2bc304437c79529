//! Router of all operations, and the layers that every request passes.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::Request;
use axum::http::Response;
use axum::middleware::{Next, from_fn};
use axum::response::IntoResponse as _;
use axum::routing::MethodRouter;
use axum::{Extension, Router};
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use crate::operation::{Operation, RouteTable};
use crate::request::WholeDocuments;
use crate::verb_route::VerbRoute;
use crate::{ApiError, App, HeadFault, interface, pages, protocols, request};

/// The whole interface; without the metrics where they have an address of their own.
pub fn router(app: &App, metrics_apart: bool) -> Router {
    let operations = if metrics_apart {
        interface::service_operations()
    } else {
        interface::operations()
    };
    let table = RouteTable::new(&operations);
    // Before the authorization, no byte of a body is read.
    let authorize = axum::middleware::from_fn_with_state(app.clone(), request::authorize);
    // What is compressed is undone after the authorization too.
    let routes = routed(operations)
        .layer(from_fn(request::undo_content_coding))
        .layer(authorize);
    observed(routes, table, app)
}

/// Metrics and probes at an address of their own, without keys.
pub(super) fn metrics_router(app: &App) -> Router {
    let operations = interface::monitoring_operations();
    let table = RouteTable::new(&operations);
    observed(routed(operations), table, app)
}

/// The operations by path and method; every other request is answered by a problem.
fn routed(operations: Vec<Operation>) -> Router<App> {
    let mut by_route: BTreeMap<&'static str, Vec<Operation>> = BTreeMap::new();
    for operation in operations {
        by_route
            .entry(operation.route())
            .or_default()
            .push(operation);
    }
    let mut router = Router::new();
    for (route, operations) in by_route {
        router = router.route(route, method_router(operations));
    }
    router
        .fallback(async || ApiError::NotFound)
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
}

/// The operations of one route.
fn method_router(operations: Vec<Operation>) -> MethodRouter<App> {
    if operations
        .iter()
        .any(|operation| operation.verb().is_some())
    {
        let mut route = VerbRoute::default();
        for operation in operations {
            route.add(operation);
        }
        return route.into_method_router();
    }
    let handlers = operations.into_iter().map(|operation| operation.handler);
    handlers.fold(MethodRouter::new(), MethodRouter::merge)
}

fn observed(routes: Router<App>, table: RouteTable, app: &App) -> Router {
    routes
        .layer(from_fn(refuse_faulty_head))
        // The last layer is the outermost: an answer to a panic has an id and a line in the log too.
        .layer(CatchPanicLayer::custom(|_| answer_panic()))
        .layer(from_fn(answer_in_protocol))
        .layer(from_fn(pages::answer_as_page))
        .layer(
            CompressionLayer::new()
                .quality(CompressionLevel::Fastest)
                .compress_when(WholeDocuments),
        )
        .layer(axum::middleware::from_fn_with_state(
            app.clone(),
            request::observe,
        ))
        .layer(Extension(table))
        .with_state(app.clone())
}

/// A request whose head has a fault is answered before anything else of it is looked at.
async fn refuse_faulty_head(
    fault: Option<Extension<HeadFault>>,
    request: Request,
    next: Next,
) -> Result<Response<Body>, ApiError> {
    match fault {
        Some(Extension(fault)) => Err(fault.into()),
        None => Ok(next.run(request).await),
    }
}

/// The problems of addresses below `/v2` have the form of that protocol, those of unknown addresses too.
async fn answer_in_protocol(request: Request, next: Next) -> Response<Body> {
    let is_inference = protocols::is_inference(request.uri().path());
    let response = next.run(request).await;
    if is_inference {
        protocols::inference_answer(response)
    } else {
        response
    }
}

fn answer_panic() -> Response<axum::body::Body> {
    // The panic's text may hold customer data: the hook logs only where it happened.
    ApiError::Panic.into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_operations_are_routed_without_overlap() {
        // axum panics where two handlers have one method of one route.
        let router = routed(interface::operations());
        assert!(router.has_routes());
        assert!(routed(interface::monitoring_operations()).has_routes());
    }
}
