//! Reading of a document, as far as a page needs it.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::render::PageError;

/// Reads a document.
pub(crate) fn read<T: DeserializeOwned>(
    what: &'static str,
    document: &Value,
) -> Result<T, PageError> {
    T::deserialize(document).map_err(|error| PageError::Document { what, error })
}
