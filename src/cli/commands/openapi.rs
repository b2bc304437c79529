//! `microseg openapi`: prints the HTTP interface as an OpenAPI document.

use crate::outcome::CommandResult;
use crate::output;

/// Prints the document that a server of this version serves at `/openapi.json`.
pub(crate) fn run() -> CommandResult {
    output::print(&microseg_http::openapi_document())
}
