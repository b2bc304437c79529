//! All resources under one roof, and the layers that every request passes.

use axum::Router;
use axum::http::Response;
use axum::response::IntoResponse as _;
use tower_http::catch_panic::CatchPanicLayer;

use super::{
    ApiError, App, admin, caller, context, customers, explain, explanations, health, jobs, metrics,
    models, pages, protocols, score, stream, tables,
};

/// Every resource; what each asks of a key stands in `needs.rs`.
pub(super) fn routes() -> Router<App> {
    service_routes().merge(metrics::router())
}

/// Every resource but the metrics, which may have an address of their own.
fn service_routes() -> Router<App> {
    Router::new()
        .merge(score::router())
        .merge(stream::router())
        .merge(explain::router())
        .merge(explanations::router())
        .merge(jobs::router())
        .merge(customers::router())
        .merge(models::router())
        .merge(tables::router())
        .merge(protocols::router())
        .merge(admin::router())
        .merge(health::router())
        .merge(pages::router())
}

/// The whole interface; without the metrics where they have an address of their own.
pub fn router(app: &App, metrics_apart: bool) -> Router {
    let routes = if metrics_apart {
        service_routes()
    } else {
        routes()
    };
    // Before the guard, no byte of a body is read.
    let guard = axum::middleware::from_fn_with_state(app.clone(), caller::guard);
    surrounded(with_fallbacks(routes).layer(guard), app)
}

/// What those read who watch the server: metrics and probes, for whoever can reach them.
pub(super) fn metrics_router(app: &App) -> Router {
    let routes = Router::new()
        .merge(metrics::router())
        .merge(health::router());
    surrounded(with_fallbacks(routes), app)
}

/// Answers in the form of all others where nothing is.
fn with_fallbacks(routes: Router<App>) -> Router<App> {
    routes
        .fallback(async || ApiError::NotFound)
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
}

fn surrounded(routes: Router<App>, app: &App) -> Router {
    routes
        // The last layer is the outermost: an answer to a panic has an id and a line in the log too.
        .layer(CatchPanicLayer::custom(|_| answer_panic()))
        .layer(axum::middleware::from_fn_with_state(
            app.clone(),
            context::surround,
        ))
        .with_state(app.clone())
}

fn answer_panic() -> Response<axum::body::Body> {
    // The panic's text may hold customer data: the hook logs only where it happened.
    ApiError::Panic.into_response()
}
