//! `microseg openapi`: prints the interface as an OpenAPI document.

use super::{Ended, output};

/// Prints what a server of this version serves at `/openapi.json`.
pub(crate) fn run() -> Ended {
    output::print(&microseg::http::openapi_document())
}
