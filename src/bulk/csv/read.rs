//! Rows of CSV become histories.

use std::io::{self, BufRead};
use std::str;

use super::CsvTable;
use super::records::{Record, Records};
use crate::customers::Mark;
use crate::gathering::{Gathering, Named, Take, at, invalid};
use crate::lines::too_large;
use crate::unit::Reading;
use crate::{BulkError, Place};
use microseg_history::{Cell, ReadContext, TransactionFields};

/// Bytes that are read before anybody is told.
const TOLD_BYTES: u64 = 1 << 16;

/// Reads a unit whose first row stands behind `line_feeds` line feeds.
pub(crate) fn read<R: BufRead>(
    reader: R,
    table: &CsvTable,
    line_feeds: u64,
    reading: &Reading<'_>,
    mut gathering: Gathering<'_>,
    fault: impl Fn(io::Error) -> BulkError,
    take: &mut Take<'_>,
) -> Result<Vec<Mark>, BulkError> {
    let mut records = Records::new(reader, table.delimiter, table.record_bytes);
    let mut told = 0;
    while let Some(record) = records.next().map_err(&fault)? {
        let place = Place::Line(line_feeds + record.line_feeds + 1);
        add(&records, record, place, table, &mut gathering, take)?;
        if records.offset() - told >= TOLD_BYTES {
            reading.watch.read(records.offset() - told);
            told = records.offset();
        }
    }
    reading.watch.read(records.offset() - told);
    gathering.finish(take)
}

fn add<R: BufRead>(
    records: &Records<R>,
    record: Record,
    place: Place,
    table: &CsvTable,
    gathering: &mut Gathering<'_>,
    take: &mut Take<'_>,
) -> Result<(), BulkError> {
    let customer = records
        .field(table.places.customer)
        .map_or(Named::Unknown, |name| {
            Named::Customer(Some(name).filter(|name| !name.is_empty()))
        });
    if record.too_large {
        let problem = at(place, &too_large(table.record_bytes as u64));
        return gathering.refuse(place, customer, problem, take);
    }
    let (Named::Customer(name), true) = (customer, records.fields() == table.fields) else {
        let fault = format!(
            "{} fields, expected {} as in the header",
            records.fields(),
            table.fields
        );
        return gathering.refuse(place, customer, invalid(place, &fault), take);
    };
    gathering.add(
        place,
        name,
        |context| transaction(records, table, context),
        take,
    )
}

fn transaction<R: BufRead>(
    records: &Records<R>,
    table: &CsvTable,
    context: ReadContext<'_>,
) -> Result<TransactionFields, String> {
    let mut fields = TransactionFields::default();
    for &(field, place) in &table.places.fields {
        let label = field.label();
        let text = records.field(place).unwrap_or_default().trim_ascii();
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
