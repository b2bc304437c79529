//! Errors of a manifest.

use super::versions::{DECLARED_VERSION, SHARES_VERSION};
use microseg_encoding::DeclarationError;
use microseg_space::SpaceError;

/// Why a manifest was refused.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// Not JSON, a member missing, unknown, or of another type.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// Written for another program.
    #[error(
        "schema_version is {0}, this program reads {SHARES_VERSION} and {DECLARED_VERSION}: `microseg model build` makes one"
    )]
    SchemaVersion(u32),
    /// What the network reads is declared wrongly.
    #[error(transparent)]
    Declaration(#[from] DeclarationError),
    /// A table does not fit the network.
    #[error(transparent)]
    Space(#[from] SpaceError),
    /// A member has an impossible value.
    #[error("{member}: {reason}")]
    Member {
        /// The member's name.
        member: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}
