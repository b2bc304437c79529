//! Pages of lists: how many items one has, and where the next one begins.

use crate::ApiError;
use crate::model_selector::Number;

/// How long the pages of a list are.
#[derive(Clone, Copy)]
pub(super) struct Paging {
    /// How many items a page has, unless asked otherwise.
    pub(super) usual: usize,
    /// How many it may have.
    pub(super) most: usize,
    /// The same in words, for the error.
    pub(super) expected: &'static str,
}

impl Paging {
    /// How many items are asked for.
    ///
    /// # Errors
    /// [`ApiError::Query`] for what is no number of them.
    pub(super) fn limit(self, text: Option<&str>) -> Result<usize, ApiError> {
        let Some(text) = text else {
            return Ok(self.usual);
        };
        let limit = Number::of(text)
            .and_then(|_| text.parse().ok())
            .filter(|limit| (1..=self.most).contains(limit));
        limit.ok_or(ApiError::Query {
            parameter: "limit",
            expected: self.expected,
        })
    }
}

/// Where the page begins.
///
/// # Errors
/// [`ApiError::Query`] for what is no `next_cursor`.
pub(super) fn cursor(text: Option<&str>) -> Result<Option<u64>, ApiError> {
    let cursor = text.map(str::parse).transpose();
    cursor.map_err(|_| ApiError::Query {
        parameter: "cursor",
        expected: "the next_cursor of a page before",
    })
}
