//! Result of reading one customer: a history, or the problem with it.

use microseg_encoding::History;
use microseg_history::Identifier;
use microseg_problem::Problem;
use serde::Serialize;

use crate::error::BulkError;
use crate::position::Position;

/// A customer that could not be read, scored or explained; as JSON its problem, and its name where a table has it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Refusal {
    /// Where the problem is; a line of NDJSON counts from the beginning of its unit.
    #[serde(skip)]
    pub position: Position,
    /// The customer's name, where it could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<Identifier>,
    /// Why.
    #[serde(flatten)]
    pub problem: Problem,
}

/// One customer.
pub(crate) type HistoryResult = Result<History, Refusal>;

/// Called with each customer of a unit, in order.
pub(crate) type HistoryConsumer<'a> = dyn FnMut(HistoryResult) -> Result<(), BulkError> + 'a;
