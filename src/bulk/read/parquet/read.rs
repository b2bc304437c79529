//! Reading of one unit of Parquet: its rows become histories.

use super::arrays::Rows;
use super::table::{ParquetTable, RowGroups};
use crate::error::BulkError;
use crate::history_result::HistoryConsumer;
use crate::position::Position;
use crate::read::context::UnitContext;
use crate::read::grouping::Grouping;
use crate::read::row::Row;
use crate::read::seen_customers::CustomerHash;

/// State of reading a unit's row groups and those after them: which rows belong to the unit.
///
/// A unit begins with the first customer after that of its first row, and ends where the next unit begins. So no unit
/// depends on another one's rows, and a customer whose rows are on both sides of a border belongs to the unit before it.
enum Phase {
    /// Rows that may belong to the customer of the row before the unit.
    Before { customer: Option<Vec<u8>> },
    /// The unit's rows.
    Within,
    /// Rows after the unit that belong to its last customer.
    After { customer: Option<Vec<u8>> },
}

/// Reads a unit; gives the customers whose rows begin in it.
pub(crate) fn read(
    table: &ParquetTable,
    groups: RowGroups,
    context: &UnitContext<'_>,
    mut grouping: Grouping<'_>,
    consume: &mut HistoryConsumer<'_>,
) -> Result<Vec<CustomerHash>, BulkError> {
    let input = table.name();
    let columns = &context.settings.columns;
    let mut number = groups.from;
    let mut phase = None;
    let mut reported = 0;
    'batches: for batch in table.batches_from(groups.first)? {
        let batch = batch.map_err(|source| BulkError::Parquet {
            input: input.clone(),
            source: source.into(),
        })?;
        let rows = Rows::of(&batch, columns, &input)?;
        for row in 0..batch.num_rows() {
            let customer = rows.customer(row);
            let next = match phase.take() {
                None if number > 0 => before(customer),
                None => Phase::Within,
                Some(phase) => phase,
            };
            let next = match next {
                Phase::Before { customer: skipped } if skipped.as_deref() == customer => {
                    if number >= groups.to {
                        // No customer begins in this unit.
                        break 'batches;
                    }
                    before(customer)
                }
                // Only the first customer of the next unit can belong to this one.
                Phase::Before { .. } if number > groups.to => break 'batches,
                Phase::Before { .. } | Phase::Within if number < groups.to => Phase::Within,
                Phase::After { customer: last } if last.as_deref() != customer => break 'batches,
                Phase::After { customer } => Phase::After { customer },
                Phase::Before { .. } | Phase::Within => Phase::After {
                    customer: customer.map(<[u8]>::to_vec),
                },
            };
            if !matches!(next, Phase::Before { .. }) {
                let position = Position::Row(number + 1);
                let read = |into: &mut Row<'_>| rows.read_into(into, row);
                grouping.add(position, customer, read, consume)?;
            }
            phase = Some(next);
            number += 1;
        }
        let done =
            groups.bytes * (number.min(groups.to) - groups.from) / (groups.to - groups.from).max(1);
        context.observer.read(done - reported);
        reported = done;
    }
    context.observer.read(groups.bytes - reported);
    grouping.finish(consume)
}

fn before(customer: Option<&[u8]>) -> Phase {
    Phase::Before {
        customer: customer.map(<[u8]>::to_vec),
    }
}
