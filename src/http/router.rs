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
        .merge(metrics::router())
        .merge(pages::router())
}

/// The whole interface.
pub fn router(app: App) -> Router {
    routes()
        .fallback(async || ApiError::NotFound)
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        // Before it, no byte of a body is read.
        .layer(axum::middleware::from_fn_with_state(
            app.clone(),
            caller::guard,
        ))
        // The last layer is the outermost: an answer to a panic has an id and a line in the log too.
        .layer(CatchPanicLayer::custom(|_| answer_panic()))
        .layer(axum::middleware::from_fn_with_state(
            app.clone(),
            context::surround,
        ))
        .with_state(app)
}

fn answer_panic() -> Response<axum::body::Body> {
    // The panic's text may hold customer data: the hook logs only where it happened.
    ApiError::Panic.into_response()
}
