//! Reading of one unit of CSV: its rows become histories.

use std::io::{self, BufRead};
use std::str;

use microseg_history::{Cell, ReadContext, TransactionFields};

use super::records::{Record, Records};
use super::table::CsvTable;
use crate::error::BulkError;
use crate::history_result::HistoryConsumer;
use crate::position::Position;
use crate::read::context::UnitContext;
use crate::read::grouping::{Grouping, RowCustomer, invalid_row, with_position};
use crate::read::json_documents::too_large;
use crate::read::seen_customers::CustomerHash;

/// Bytes that are read between two calls of the observer.
const REPORT_BYTES: u64 = 1 << 16;

/// Reads a unit whose first row comes after `line_feeds` line feeds of the input; gives the customers whose rows begin in it.
pub(crate) fn read<R: BufRead>(
    reader: R,
    table: &CsvTable,
    line_feeds: u64,
    context: &UnitContext<'_>,
    mut grouping: Grouping<'_>,
    read_error: impl Fn(io::Error) -> BulkError,
    consume: &mut HistoryConsumer<'_>,
) -> Result<Vec<CustomerHash>, BulkError> {
    let mut records = Records::new(reader, table.delimiter, table.record_bytes);
    let mut reported = 0;
    while let Some(record) = records.next().map_err(&read_error)? {
        let position = Position::Line(line_feeds + record.line_feeds + 1);
        add(&records, record, position, table, &mut grouping, consume)?;
        if records.offset() - reported >= REPORT_BYTES {
            context.observer.read(records.offset() - reported);
            reported = records.offset();
        }
    }
    context.observer.read(records.offset() - reported);
    grouping.finish(consume)
}

fn add<R: BufRead>(
    records: &Records<R>,
    record: Record,
    position: Position,
    table: &CsvTable,
    grouping: &mut Grouping<'_>,
    consume: &mut HistoryConsumer<'_>,
) -> Result<(), BulkError> {
    let customer = records
        .field(table.positions.customer)
        .map_or(RowCustomer::Unreadable, |name| {
            RowCustomer::Read(Some(name).filter(|name| !name.is_empty()))
        });
    if record.too_large {
        let problem = with_position(position, &too_large(table.record_bytes as u64));
        return grouping.refuse(position, customer, problem, consume);
    }
    let (RowCustomer::Read(name), true) = (customer, records.fields() == table.fields) else {
        let fault = format!(
            "{} fields, expected {} as in the header",
            records.fields(),
            table.fields
        );
        return grouping.refuse(position, customer, invalid_row(position, &fault), consume);
    };
    let transaction = |context: ReadContext<'_>| transaction(records, table, context);
    grouping.add(position, name, transaction, consume)
}

fn transaction<R: BufRead>(
    records: &Records<R>,
    table: &CsvTable,
    context: ReadContext<'_>,
) -> Result<TransactionFields, String> {
    let mut fields = TransactionFields::default();
    for &(field, position) in &table.positions.fields {
        let label = field.label();
        let text = records.field(position).unwrap_or_default().trim_ascii();
        let text = str::from_utf8(text).map_err(|_| format!("the {label} is not UTF-8"))?;
        if !text.is_empty() {
            let read = fields.read_cell(field, Cell::Text(text), context);
            read.map_err(|fault| format!("the {label}: {fault}"))?;
        } else if field.is_required() {
            return Err(format!("the {label} is missing"));
        }
    }
    Ok(fields)
}
