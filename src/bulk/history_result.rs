//! Result of reading one customer: a history, or the problem with it.

use microseg_encoding::History;
use microseg_history::Identifier;
use microseg_problem::Problem;

use crate::error::BulkError;
use crate::position::Position;

/// A customer that could not be read or scored.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    /// Where the problem is; a line of NDJSON counts from the beginning of its unit.
    pub(crate) position: Position,
    /// The customer's name, where it could be read.
    pub(crate) customer_id: Option<Identifier>,
    pub(crate) problem: Problem,
}

/// One customer.
pub(crate) type HistoryResult = Result<History, Refusal>;

/// Called with each customer of a unit, in order.
pub(crate) type HistoryConsumer<'a> = dyn FnMut(HistoryResult) -> Result<(), BulkError> + 'a;
