//! Rows of CSV become histories.

use std::io::{self, BufRead};
use std::str;

use super::CsvTable;
use super::records::{Record, Records};
use crate::customers::Mark;
use crate::gathering::{Gathering, Named, Take, Transaction, at, invalid};
use crate::lines::too_large;
use crate::unit::Reading;
use crate::{BulkError, Place};
use microseg_history::{Amount, Moment};

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
    gathering.add(place, name, || transaction(records, table), take)
}

fn transaction<'r, R: BufRead>(
    records: &'r Records<R>,
    table: &CsvTable,
) -> Result<Transaction<'r>, String> {
    let text = |place: usize, what: &str| {
        let field = records.field(place).unwrap_or_default().trim_ascii();
        str::from_utf8(field).map_err(|_| format!("the {what} is not UTF-8"))
    };
    let needed = |place, what: &str| match text(place, what)? {
        "" => Err(format!("the {what} is missing")),
        text => Ok(text),
    };
    let optional = |place: Option<usize>, what| {
        let text = place.map(|place| text(place, what)).transpose()?;
        Ok::<_, String>(text.filter(|text| !text.is_empty()))
    };
    let places = table.places;
    Ok(Transaction {
        moment: Moment::parse(needed(places.timestamp, "timestamp")?)
            .map_err(|fault| format!("the timestamp: {fault}"))?,
        amount: amount_of(needed(places.amount, "amount")?)?,
        class: optional(places.class, "class")?,
        mcc: optional(places.mcc, "MCC")?.map(mcc_of).transpose()?,
    })
}

/// An amount as text, with a point before the decimals.
pub(crate) fn amount_of(text: &str) -> Result<Amount, String> {
    let number: f64 = text
        .parse()
        .map_err(|_| "the amount: expected a number such as -12.50".to_owned())?;
    Amount::parse(number).map_err(|fault| format!("the amount: {fault}"))
}

/// A merchant category code as text; leading zeros may be missing, as they are where tables take it for a number.
pub(crate) fn mcc_of(text: &str) -> Result<u16, String> {
    if (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse()
            .map_err(|_| "the MCC: expected 0 to 9999".to_owned())
    } else {
        Err("the MCC: expected up to four digits".to_owned())
    }
}
