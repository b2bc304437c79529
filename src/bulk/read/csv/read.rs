//! Reading of one unit of CSV: its rows become histories.

use std::io::{self, BufRead};
use std::str;

use microseg_history::{Cell, ReadContext};
use microseg_problem::Problem;

use super::quoted_fields::QuoteFault;
use super::records::{Record, Records};
use super::swallowed_rows::ends_in_row;
use super::table::CsvTable;
use crate::error::BulkError;
use crate::history_result::HistoryConsumer;
use crate::position::Position;
use crate::read::context::UnitContext;
use crate::read::grouping::{Grouping, RowCustomer, invalid_row, with_position};
use crate::read::json_documents::too_large;
use crate::read::row::Row;
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
        let row = RecordOfRow {
            records: &records,
            record,
            table,
            line_feeds,
        };
        row.add(&mut grouping, context, consume)?;
        if records.offset() - reported >= REPORT_BYTES {
            context.observer.read(records.offset() - reported);
            reported = records.offset();
        }
    }
    context.observer.read(records.offset() - reported);
    grouping.finish(consume)
}

/// One record of the table's rows.
struct RecordOfRow<'a, R> {
    records: &'a Records<R>,
    record: Record,
    table: &'a CsvTable,
    /// Line feeds before the unit.
    line_feeds: u64,
}

impl<R: BufRead> RecordOfRow<'_, R> {
    fn add(
        &self,
        grouping: &mut Grouping<'_>,
        context: &UnitContext<'_>,
        consume: &mut HistoryConsumer<'_>,
    ) -> Result<(), BulkError> {
        let (records, table) = (self.records, self.table);
        let position = self.line_after(self.record.line_feeds);
        let customer = records
            .field(table.positions.customer)
            .map_or(RowCustomer::Unreadable, |name| {
                RowCustomer::Read(Some(name).filter(|name| !name.is_empty()))
            });
        let quote_fault = self.quote_fault(context);
        if self.record.too_large {
            let mut problem = too_large(table.record_bytes as u64);
            if let Some((line, fault)) = quote_fault {
                let detail = format!("{}; {line}: {fault}", problem.detail());
                problem = Problem::new(problem.kind(), detail);
            }
            let problem = with_position(position, &problem);
            return grouping.refuse(position, customer, problem, consume);
        }
        if let Some((line, fault)) = quote_fault {
            return grouping.refuse(line, customer, invalid_row(line, &fault), consume);
        }
        let (RowCustomer::Read(name), true) = (customer, records.fields() == table.fields) else {
            let fault = format!(
                "{} fields, expected {} as in the header",
                records.fields(),
                table.fields
            );
            return grouping.refuse(position, customer, invalid_row(position, &fault), consume);
        };
        let read = |row: &mut Row<'_>| read_fields(records, table, row);
        grouping.add(position, name, read, consume)
    }

    /// The line after so many line feeds of the unit.
    fn line_after(&self, line_feeds: u64) -> Position {
        Position::Line(self.line_feeds + line_feeds + 1)
    }

    /// The quote that may have swallowed rows: its line, and the fault.
    fn quote_fault(&self, context: &UnitContext<'_>) -> Option<(Position, String)> {
        // The record ends in the line before the one that is read next.
        let (begin, next) = (self.record.line_feeds, self.records.line_feeds());
        let last = self.line_after(next.saturating_sub(1).max(begin));
        if let Some(quote) = self.record.faulty_quote {
            let fault = match quote.fault {
                QuoteFault::NeverClosed => format!(
                    "a quote opens a field here that is never closed: all rows up to {last} are read as its text"
                ),
                QuoteFault::TextBehind => format!(
                    "a quote opens a field here, and text follows on the next quote: rows up to {last} may be lost in it"
                ),
            };
            return Some((self.line_after(quote.line_feeds), fault));
        }
        if next <= begin + 1 {
            return None;
        }
        let amounts = context.settings.amounts;
        let settings = &context.settings.history;
        let context = ReadContext {
            taxonomy: context.encoder.taxonomy(),
            zone: &settings.times.zone,
            unknown_class: settings.unknown_class,
            mixed_currencies: settings.mixed_currencies,
        };
        let has_swallowed = |position| {
            let field = self.records.field(position).unwrap_or_default();
            ends_in_row(field, position, self.table, (context, amounts))
        };
        (0..self.records.fields()).any(has_swallowed).then(|| {
            let fault = format!(
                "a quoted field of this row has other rows in it, as it seems: up to {last}"
            );
            (self.line_after(begin), fault)
        })
    }
}

fn read_fields<R: BufRead>(
    records: &Records<R>,
    table: &CsvTable,
    row: &mut Row<'_>,
) -> Result<(), String> {
    for &(field, position) in &table.positions.fields {
        let mut text = records.field(position).unwrap_or_default();
        if !field.keeps_space() {
            text = text.trim_ascii();
        }
        let cell = str::from_utf8(text).map_err(|_| "is not UTF-8");
        let cell = cell.map(|text| (!text.is_empty()).then_some(Cell::Text(text)));
        row.read(field, cell)?;
    }
    Ok(())
}
