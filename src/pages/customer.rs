//! Page of a kept customer: where it is now, where it has been, and when its micro-segment changed.

use serde::Serialize;

use crate::course::{Course, ReadCourse, place};
use crate::drawing::Drawing;
use crate::frame::Frame;
use crate::render::{PageError, page};

/// A change of the micro-segment.
#[derive(Debug, Serialize)]
pub struct ChangeRow {
    /// When it was found, RFC 3339 in UTC.
    pub moment: String,
    /// The micro-segment before.
    pub from: String,
    /// The micro-segment after.
    pub to: String,
}

/// A kept customer.
#[derive(Debug)]
pub struct CustomerPage<'a> {
    /// The caller's name for it.
    pub customer_id: &'a str,
    /// How often its transactions have changed.
    pub position: u64,
    /// How many are kept.
    pub transactions: u64,
    /// The latest changes of its micro-segment, the newest first.
    pub changes: Vec<ChangeRow>,
    /// Its way; `None` where its transactions cannot be scored.
    pub course: Option<&'a Course>,
    /// Why they cannot be scored.
    pub note: Option<String>,
    /// The address of its changes as server-sent events.
    pub events: String,
    /// The place of the newest change that the page shows, among all events.
    pub last_change: u64,
    /// The address of the page.
    pub here: String,
    /// The address of the same as JSON.
    pub document: String,
    /// The address of its explanations.
    pub records: String,
}

#[derive(Serialize)]
struct View<'a> {
    customer_id: &'a str,
    sub: String,
    place: String,
    position: u64,
    kept: String,
    changes: &'a [ChangeRow],
    note: Option<&'a str>,
    course: Vec<Drawing>,
    events: &'a str,
    last_change: u64,
    here: &'a str,
    document: &'a str,
    records: &'a str,
}

/// The page of a kept customer.
///
/// # Errors
/// [`PageError`] when a document is not what it should be.
pub fn customer_page(customer: &CustomerPage<'_>, frame: &Frame<'_>) -> Result<String, PageError> {
    let course = customer.course.map(ReadCourse::read).transpose()?;
    let newest = course
        .as_ref()
        .and_then(|course| course.scoring.trajectory.last());
    let view = View {
        customer_id: customer.customer_id,
        sub: newest.map_or("no period yet".to_owned(), |newest| {
            format!("up to {}", newest.period)
        }),
        place: course.as_ref().map_or_else(
            || "Nowhere yet: the transactions cannot be scored.".to_owned(),
            |course| place(&course.scoring),
        ),
        position: customer.position,
        kept: kept(customer.transactions, customer.position),
        changes: &customer.changes,
        note: customer.note.as_deref(),
        course: course
            .map(|course| course.figures().iter().map(Drawing::new).collect())
            .unwrap_or_default(),
        events: &customer.events,
        last_change: customer.last_change,
        here: &customer.here,
        document: &customer.document,
        records: &customer.records,
    };
    let title = format!("Customer {}", customer.customer_id);
    let template = concat!(
        include_str!("templates/figure.html"),
        include_str!("templates/customer.html")
    );
    page(frame, &title, template, view)
}

/// How many transactions are kept, and how often they have changed.
fn kept(transactions: u64, position: u64) -> String {
    let transactions = match transactions {
        1 => "1 transaction".to_owned(),
        count => format!("{count} transactions"),
    };
    let times = match position {
        1 => "once".to_owned(),
        count => format!("{count} times"),
    };
    format!("{transactions}, changed {times}.")
}
