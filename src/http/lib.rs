//! HTTP interface of the server.
//!
//! - `api`, `protocols`, `web`: the operations, each declared beside its handler.
//! - `pages`: answers for people, which `api` and `web` give where a browser asks.
//! - `interface`: the list of all operations; `router` and `openapi` are folds over it.
//! - `operation`: what a declaration states, and the table of required scopes.
//! - `request`: what is read of a request: its caller, its context, its body.
//! - `state`: shared state in small parts, each extracted by the handlers that need it.
//! - `server`: connections, from the socket to the unread rest of a body.

mod api;
mod customer_folder;
mod customer_refresher;
mod error;
mod held_body;
mod interface;
mod job_request;
mod job_runner;
mod model_selector;
mod openapi;
mod operation;
mod out_of_proportion;
mod pages;
mod protocols;
mod request;
mod router;
mod server;
mod state;
mod verb_route;
mod web;

pub use customer_folder::fold_customers;
pub use customer_refresher::refresh_customers;
pub use error::ApiError;
pub use interface::openapi_document;
pub use job_runner::run_jobs;
pub use request::RequestId;
pub use router::router;
pub use server::{
    HeadFault, ListenError, MissingProtections, Peer, ServerConfig, listen, listen_for_metrics,
};
pub use state::{App, log_changes};

/// The scoring of a history with the tables that say what it means, for a report of its explanation. It is not counted in
/// the drift.
///
/// # Errors
/// [`Problem`](microseg_problem::Problem) when the network does not run.
pub async fn course_of_history(
    model: &microseg_model::Model,
    history: microseg_encoding::History,
) -> Result<microseg_pages::Course, microseg_problem::Problem> {
    let course = pages::course(model, history).await;
    course.map_err(ApiError::into_problem)
}

/// The tables of a model as its pages read them, for a report.
///
/// # Errors
/// [`Problem`](microseg_problem::Problem) when a table cannot be written as JSON.
pub fn tables_of_model(
    model: &microseg_model::Model,
) -> Result<microseg_pages::ModelDocuments, microseg_problem::Problem> {
    pages::model_documents(model).map_err(ApiError::into_problem)
}

/// Serves until `shutdown` resolves. Then the server is not ready; after the drain delay it accepts no more connections, and
/// the requests under way have the grace period to finish.
pub async fn serve(config: ServerConfig, app: App, shutdown: impl Future<Output = ()> + Send) {
    let routers = server::Routers {
        interface: router(&app, config.metrics.is_some()),
        metrics: router::metrics_router(&app),
    };
    server::serve(config, routers, app.parts().lifecycle.clone(), shutdown).await;
}
