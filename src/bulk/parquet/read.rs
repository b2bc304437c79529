//! Rows of Parquet become histories.

use super::arrays::Rows;
use super::table::{Groups, ParquetTable};
use crate::customers::Mark;
use crate::gathering::{Gathering, Take};
use crate::unit::Reading;
use crate::{BulkError, Place};

/// Which rows of a unit's row groups, and of those behind, are the unit's.
///
/// A unit begins with the first customer after that of its first row, and ends where the next unit begins. So neither
/// needs to know more than its own rows, and the customer whom the border cuts belongs to the unit above.
enum Phase {
    /// These rows belong to the customer of the row before the unit, or might.
    Before { customer: Option<Vec<u8>> },
    /// The unit's rows.
    Within,
    /// Rows behind the unit that still belong to its last customer.
    Behind { customer: Option<Vec<u8>> },
}

/// Reads a unit.
pub(crate) fn read(
    table: &ParquetTable,
    groups: Groups,
    reading: &Reading<'_>,
    mut gathering: Gathering<'_>,
    take: &mut Take<'_>,
) -> Result<Vec<Mark>, BulkError> {
    let input = table.name();
    let columns = &reading.settings.columns;
    let mut number = groups.from;
    let mut phase = None;
    let mut told = 0;
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
                        // Not one customer begins in here.
                        break 'batches;
                    }
                    before(customer)
                }
                // The unit behind leaves its first customer to this one, and nobody else does.
                Phase::Before { .. } if number > groups.to => break 'batches,
                Phase::Before { .. } | Phase::Within if number < groups.to => Phase::Within,
                Phase::Behind { customer: last } if last.as_deref() != customer => break 'batches,
                Phase::Behind { customer } => Phase::Behind { customer },
                Phase::Before { .. } | Phase::Within => Phase::Behind {
                    customer: customer.map(<[u8]>::to_vec),
                },
            };
            if !matches!(next, Phase::Before { .. }) {
                let place = Place::Row(number + 1);
                gathering.add(
                    place,
                    customer,
                    |context| rows.transaction(row, context),
                    take,
                )?;
            }
            phase = Some(next);
            number += 1;
        }
        let done =
            groups.bytes * (number.min(groups.to) - groups.from) / (groups.to - groups.from).max(1);
        reading.watch.read(done - told);
        told = done;
    }
    reading.watch.read(groups.bytes - told);
    gathering.finish(take)
}

fn before(customer: Option<&[u8]>) -> Phase {
    Phase::Before {
        customer: customer.map(<[u8]>::to_vec),
    }
}
